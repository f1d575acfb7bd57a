// The client teaches: what the solver computed goes to the training ranks, or is dropped and
// counted.

#include "couplers/closure/batch_client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::closure {

void BatchClient::observe_all(Fields inputs, Fields outputs)
{
  if (!bound_) bind(inputs, outputs);
  const auto samples =
      static_cast<std::size_t>(!inputs.empty() ? inputs.front().field.samples() : 0);
  observe(inputs, outputs, std::span(everything_).first(std::min(samples, everything_.size())));
}

/// Writes samples into a lane's slot, neighbours as one piece; gives how many were fit to be
/// learned from.
std::int64_t BatchClient::put(channel::OutLane& lane, Fields inputs, Fields outputs,
                              std::span<const std::int64_t> samples)
{
  const auto fit = [&](std::int64_t sample) {
    return usable(inputs, sample, "observe") && usable(outputs, sample, "observe");
  };
  std::int64_t at = 0;
  for (std::size_t begin = 0; begin < samples.size();) {
    const std::int64_t first = samples[begin];
    if (!fit(first)) {
      ++counters_.quarantined;
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < samples.size() && samples[end] == samples[end - 1] + 1 && fit(samples[end])) ++end;
    const auto run = static_cast<std::int64_t>(end - begin);
    for (std::size_t f = 0; f < inputs.size(); ++f)
      lane.put_samples(f, inputs[f].field, first, run, at);
    for (std::size_t f = 0; f < outputs.size(); ++f)
      lane.put_samples(inputs.size() + f, outputs[f].field, first, run, at);
    at += run;
    begin = end;
  }
  return at;
}

// Samples are cut evenly over the training ranks. A slot holds a rank's share of all samples: more
// cannot be listed.
void BatchClient::observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples)
{
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  check_samples(inputs, outputs);
  const std::int64_t held = inputs.begin()->field.samples();
  const auto given = static_cast<std::int64_t>(samples.size());
  if (given > held)
    throw Error{fmt::format("{} samples are observed", given), fmt::format("there are {}", held)};
  for (const auto sample : samples)
    if (sample < 0 || sample >= held)
      throw Error{fmt::format("sample {} is observed", sample), fmt::format("there are {}", held)};
  counters_.observed += given;
  if (streams() == nullptr || !streams()->observation) {
    counters_.dropped += given;
    return;
  }
  auto& out = streams()->observation->out();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto cut = out[i].cut(given);
    if (cut.count == 0) continue;
    if (!room(out[i])) {
      counters_.dropped += cut.count;
      continue;
    }
    channel::Header header;
    header.count = put(
        out[i], inputs, outputs,
        samples.subspan(static_cast<std::size_t>(cut.first), static_cast<std::size_t>(cut.count)));
    header.step = context().step;
    out[i].publish(header);
  }
}

}  // namespace cardan::closure
