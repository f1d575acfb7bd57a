// When a round closes, and what a version is made of.

#include "couplers/federation/client.hpp"
#include "couplers/federation/serve.hpp"
#include "support/finite.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cardan::federation {

void Aggregator::take_tally(std::size_t s, const std::byte* record)
{
  if (!deadline_) deadline_ = mpi::Deadline::in(settings_.deadline);
  auto& numbers =
      silos_[s].tally.emplace(static_cast<std::size_t>(ends_.facts.sums + ends_.facts.maxima));
  std::memcpy(numbers.data(), record, numbers.size() * sizeof(double));
  if (all_finite(numbers.data(), static_cast<std::int64_t>(numbers.size()))) return;
  numbers.clear();
  throw Error{"the sums over its samples are not finite", "the normalisation is made without them"};
}

/// In the silos' order.
void Aggregator::join()
{
  const auto sums = static_cast<std::size_t>(ends_.facts.sums);
  for (const Silo& silo : silos_) {
    if (!silo.tally || silo.tally->empty()) continue;
    if (joined_.empty()) {
      joined_ = *silo.tally;
      continue;
    }
    for (std::size_t i = 0; i < joined_.size(); ++i)
      joined_[i] =
          i < sums ? joined_[i] + (*silo.tally)[i] : std::max(joined_[i], (*silo.tally)[i]);
  }
  joined_.resize(static_cast<std::size_t>(ends_.facts.sums + ends_.facts.maxima));
}

bool Aggregator::open_when_ready()
{
  if (!has_model_) return false;
  if (settings_.normalise) {
    const bool all = std::all_of(silos_.begin(), silos_.end(), [](const Silo& silo) {
      return !silo.here || silo.tally.has_value();
    });
    if (!all && !(deadline_ && deadline_->passed())) return false;
    join();
  }
  deadline_.reset();
  open_ = true;
  for (Silo& silo : silos_) {
    silo.owed_tally = settings_.normalise;
    silo.owed_model = true;
  }
  return true;
}

void Aggregator::refuse(std::size_t s, const std::string& why)
{
  ++counters_.refused;
  silos_[s].arrived = true;
  silos_[s].taken = false;
  silos_[s].owed_model = settings_.mode == Mode::async && open_;
  if (!std::exchange(refused_said_, true))
    log(fmt::format(
        "federation '{}': a record of silo {} was refused ({}); the silo gets the global "
        "model, and this is not said again",
        settings_.name, s, why));
}

void Aggregator::take_update(std::size_t s, const UpHeader& header, const std::byte* record)
{
  if (!open_) throw Error{"an update came before there was a model"};
  Silo& silo = silos_[s];
  const bool async = settings_.mode == Mode::async;
  silo.number = header.number;
  silo.staleness = version_ - header.base;
  silo.taken = false;
  // Of a round that was closed without it: it was counted then.
  if (!async && header.base != version_) return;
  if (!async && !deadline_) deadline_ = mpi::Deadline::in(settings_.deadline);
  Update update{std::vector<double>(global_.size()), static_cast<double>(header.samples)};
  if (header.finite == 0) throw Error{"its update is not finite", "its training diverged"};
  codec_.decode({record, codec_.bytes()}, update.change);
  if (!all_finite(update.change.data(), static_cast<std::int64_t>(update.change.size())))
    throw Error{"its update is not finite"};
  if (async) return take_at_once(s, header, update);
  silo.arrived = true;
  if (header.samples > 0) silo.update = std::move(update);
}

void Aggregator::take_at_once(std::size_t s, const UpHeader& header, const Update& update)
{
  Silo& silo = silos_[s];
  while (!silo.given.empty() && silo.given.front().version < header.base) silo.given.pop_front();
  if (silo.given.empty() || silo.given.front().version != header.base)
    throw Error{"its update is a change of what it was not given"};
  silo.owed_model = true;
  if (header.samples == 0) return;
  blend(global_, *silo.given.front().weights, update.change,
        settings_.staleness.weight(silo.staleness));
  silo.taken = true;
  participants_ = 1;
  ++version_;
  ++counters_.versions;
  ++counters_.taken;
}

bool Aggregator::close_when_ready()
{
  if (settings_.mode == Mode::async || static_cast<std::int64_t>(version_) >= settings_.rounds)
    return false;
  bool any = false;
  bool all = true;
  for (std::size_t s = 0; s < silos_.size(); ++s) {
    any = any || silos_[s].arrived;
    all = all && (!waits_for(s) || silos_[s].arrived);
  }
  // Where none of the chosen silos is there any more, the round is over without them.
  const bool late = any && deadline_ && deadline_->passed();
  if (!all && !late) return false;
  close_round();
  return true;
}

bool Aggregator::waits_for(std::size_t s) const
{
  return silos_[s].here && takes_part(static_cast<std::uint64_t>(context_.settings.seed), version_,
                                      static_cast<int>(s), ends_.silos, settings_.participation);
}

void Aggregator::close_round()
{
  std::vector<Update> updates;
  late_ = 0;
  for (std::size_t s = 0; s < silos_.size(); ++s) {
    Silo& silo = silos_[s];
    late_ += waits_for(s) && !silo.arrived ? 1 : 0;
    silo.taken = silo.update.has_value();
    if (silo.update) updates.push_back(std::move(*silo.update));
    silo.update.reset();
    silo.arrived = false;
    silo.staleness = 0;
    silo.owed_model = true;
  }
  average(global_, updates);
  participants_ = static_cast<int>(updates.size());
  counters_.taken += participants_;
  counters_.late += late_;
  ++counters_.versions;
  ++version_;
  deadline_.reset();
}

bool Aggregator::pay()
{
  bool paid = false;
  for (std::size_t s = 0; s < silos_.size(); ++s)
    while (silos_[s].here && (silos_[s].owed_tally || silos_[s].owed_model) &&
           ends_.down->out()[s].room()) {
      put(s);
      paid = true;
    }
  return paid;
}

void Aggregator::put(std::size_t s)
{
  Silo& silo = silos_[s];
  DownHeader header;
  header.version = version_;
  header.participants = participants_;
  header.late = late_;
  header.refused = static_cast<std::int32_t>(counters_.refused);
  if (silo.owed_tally) {
    silo.owed_tally = false;
    header.answer = Answer::tally;
    words_.assign(words_of(ends_.facts.tally_bytes()), 0);
    std::memcpy(words_.data(), joined_.data(), ends_.facts.tally_bytes());
  } else {
    silo.owed_model = false;
    header.taken = silo.taken ? 1 : 0;
    header.number = silo.number;
    header.staleness = silo.staleness;
    words_.assign(words_of(ends_.facts.weights_bytes()), 0);
    auto* const bytes = reinterpret_cast<std::byte*>(words_.data());
    narrow(global_, ends_.facts.dtype, bytes);
    if (settings_.mode == Mode::async) {
      // As the silo has it.
      auto given = std::make_shared<std::vector<double>>(global_.size());
      widen(bytes, ends_.facts.dtype, *given);
      silo.given.push_back({version_, std::move(given)});
    }
  }
  put_record(ends_.down->out()[s], to_header(header), words_);
  counters_.bytes_out += moved(words_.size() * word);
}

}  // namespace cardan::federation
