#include "couplers/closure/replayed_client.hpp"

#include "provenance/call_log.hpp"
#include "provenance/rows.hpp"
#include "support/log.hpp"
#include "support/sha256.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace cardan::closure {

using provenance::Rows;

ReplayedClient::ReplayedClient(const Context& context, const SurrogateSettings& settings,
                               std::string log)
    : Implementation(context, settings, {}), path_(std::move(log))
{}

void ReplayedClient::bind(Fields inputs, Fields outputs)
{
  MPI_Comm ranks = context().part.get();
  mpi::together(ranks, context().deadline(), [&] {
    static_cast<void>(named(inputs, settings().inputs, "inputs"));
    static_cast<void>(named(outputs, settings().outputs, "outputs"));
    log_.emplace(path_, settings().name, mpi::rank(ranks), mpi::size(ranks));
    if (log_->seed() != context().settings.seed)
      throw Error{"cannot replay '" + path_ + "'",
                  fmt::format("its run had the seed {}, this one has {}", log_->seed(),
                              context().settings.seed),
                  "Give the same seed."};
    for (const Fields& fields : {inputs, outputs})
      for (const auto& [name, field] : fields)
        log_->expect(std::string{name}, field.dtype(), Rows{field}.shape());
  });
  const std::string& text = context().run_file.text();
  if (mpi::rank(ranks) == 0 && !context().settings.quiet &&
      log_->run_file_sha256() != sha256(text.data(), text.size()))
    log("'", path_, "' was written with another run file than ", context().run_file.name());
}

/// Rows that the model answered are stored, the others are the solver's.
void ReplayedClient::take(Fields outputs, std::int64_t rows)
{
  const auto model = static_cast<std::uint8_t>(provenance::Origin::model);
  origins_.resize(static_cast<std::size_t>(rows));
  log_->origins(origins_.data());
  for (std::int64_t r = 0; r < rows; ++r)
    if (origins_[static_cast<std::size_t>(r)] != model) untrusted_.push_back(r);
  if (untrusted_.size() == static_cast<std::size_t>(rows)) return;
  for (const auto& [name, field] : outputs) {
    const Rows to{field};
    dense_.resize(static_cast<std::size_t>(rows * to.bytes()));
    log_->read(std::string{name}, field.dtype(), dense_.data());
    std::int64_t begin = 0;
    const auto store = [&](std::int64_t end) {
      to.store(dense_.data() + begin * to.bytes(), begin, end - begin);
      begin = end + 1;
    };
    for (const auto sample : untrusted_) store(sample);
    store(rows);
  }
}

Answer ReplayedClient::predict(Fields inputs, Fields outputs)
{
  check_writable(outputs);
  if (!log_) bind(inputs, outputs);
  const std::int64_t rows = Rows{inputs.front().field}.count();
  const std::string problem =
      fmt::format("cannot replay step {} of surrogate '{}'", context().step, settings().name);
  if (!log_->next()) throw Error{problem, "'" + path_ + "' ends before it"};
  const auto& call = log_->call();
  if (call.step != context().step || call.rows != rows)
    throw Error{
        problem,
        fmt::format("the next call in '{}' is of step {} and has {} samples; this one has {}",
                    path_, call.step, call.rows, rows),
        "Is it the log of this run, with the same run file and command line?"};
  for (const auto& field :
       {&Counters::asked, &Counters::trusted, &Counters::not_ready, &Counters::late,
        &Counters::unsure, &Counters::outside, &Counters::not_a_number, &Counters::out_of_range})
    counters_.*field += call.counters.*field;
  stamp_ = call.stamp;
  untrusted_.clear();
  take(outputs, rows);
  return {untrusted_, stamp_};
}

void ReplayedClient::observe(Fields, Fields, std::span<const std::int64_t> samples)
{
  counters_.observed += static_cast<std::int64_t>(samples.size());
}

void ReplayedClient::observe_all(Fields inputs, Fields)
{
  if (!inputs.empty()) counters_.observed += Rows{inputs.front().field}.count();
}

}  // namespace cardan::closure
