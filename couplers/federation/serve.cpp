#include "couplers/federation/serve.hpp"

#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::federation {

Aggregator::Aggregator(const Context& context, const Settings& settings)
    : context_(context),
      settings_(settings),
      ends_(context, settings, [] { return Facts{}; }),
      codec_(settings.compress, static_cast<std::size_t>(ends_.facts.weights), ends_.facts.dtype),
      sizes_(record_sizes(ends_.facts, codec_.bytes()))
{
  if (!ends_.aggregates) return;
  silos_.resize(static_cast<std::size_t>(ends_.silos));
  global_.resize(static_cast<std::size_t>(ends_.facts.weights));
}

bool Aggregator::poll()
{
  if (!ends_.aggregates || ended_) return false;
  bool worked = false;
  for (std::size_t s = 0; s < silos_.size(); ++s)
    if (silos_[s].here) worked = hear(s) || worked;
  if (std::none_of(silos_.begin(), silos_.end(), [](const Silo& silo) { return silo.here; })) {
    end();
    return true;
  }
  worked = (open_ ? close_when_ready() : open_when_ready()) || worked;
  return pay() || worked;
}

bool Aggregator::finished()
{
  poll();
  return !ends_.aggregates || ended_;
}

bool Aggregator::hear(std::size_t s)
{
  auto& lane = ends_.up->in()[s];
  bool any = false;
  while (lane.ready()) {
    any = true;
    const auto header = read_header<UpHeader>(lane.header());
    counters_.bytes_in += moved(static_cast<std::size_t>(header.count) * word);
    try {
      take(s, header, lane.data(0));
    } catch (const std::exception& error) {
      refuse(s, error.what());
    }
    lane.release();
  }
  if (!any && lane.drained()) {
    silos_[s].here = false;
    any = true;
  }
  return any;
}

void Aggregator::take(std::size_t s, const UpHeader& header, const std::byte* record)
{
  const auto kind = static_cast<std::size_t>(header.kind);
  if (kind >= kinds || header.count != static_cast<std::int64_t>(words_of(sizes_[kind])))
    throw Error{"a record of a silo is none", fmt::format("kind {}, {} words", kind, header.count)};
  switch (header.kind) {
    case Kind::initial:
      if (s != 0 || has_model_) throw Error{"weights to begin with came twice"};
      widen(record, ends_.facts.dtype, global_);
      has_model_ = true;
      return;
    case Kind::tally:
      // The sums are settled when the federation begins.
      if (!open_) take_tally(s, record);
      return;
    case Kind::update: return take_update(s, header, record);
    case Kind::goodbye: silos_[s].here = false; return;
  }
}

void Aggregator::end()
{
  ended_ = true;
  if (context_.settings.quiet) return;
  log(fmt::format(
      "federation '{}': {} versions from {} updates of {} silos, {} late, {} refused; {} "
      "bytes came, {} went",
      settings_.name, version_, counters_.taken, ends_.silos, counters_.late, counters_.refused,
      counters_.bytes_in, counters_.bytes_out));
}

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  return std::make_unique<Aggregator>(context, read_settings(context.run_file, name));
}

}  // namespace cardan::federation
