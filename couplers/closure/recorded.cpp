#include "couplers/closure/recorded.hpp"

#include <algorithm>

namespace cardan::closure {

namespace {

Features together(const Signature& signature)
{
  Features all = signature.inputs;
  all.insert(all.end(), signature.outputs.begin(), signature.outputs.end());
  return all;
}

/// A sample of a decision log that the solver computed.
constexpr std::uint8_t solved = 2;

}  // namespace

//= [training.NAME.offline]
RecordedSettings read_recorded(const Config& table)
{
  RecordedSettings settings;
  //= the HDF5 file of a finished run, with datasets named as the fields
  settings.file = table.get<std::string>("file");
  //= "": the file's root | the group in which they stand
  settings.group = table.get<std::string>("group", settings.group);
  //= datasets are (samples, ...) or (steps, samples, ...)
  if (table.choice("layout", {"samples", "steps"}, "samples") == "steps")
    settings.layout = RecordedSettings::Layout::steps;
  //= samples that are read at once
  settings.chunk = table.get<std::int64_t>("chunk", settings.chunk);
  if (settings.chunk < 1) throw table.error("chunk", "must be positive");
  return settings;
}

Signature recorded_signature(const RecordedSettings& settings,
                             const std::vector<std::string>& inputs,
                             const std::vector<std::string>& outputs)
{
  const int leading = settings.layout == RecordedSettings::Layout::steps ? 2 : 1;
  return {Recording::features(settings.file, settings.group, inputs, leading),
          Recording::features(settings.file, settings.group, outputs, leading)};
}

Recorded::Recorded(const RecordedSettings& settings, const Signature& signature, int rank,
                   int ranks)
    : recording_(settings.file, settings.group, together(signature)), chunk_(settings.chunk)
{
  const std::int64_t each = recording_.samples() / ranks;
  const std::int64_t more = recording_.samples() % ranks;
  begin_ = each * rank + std::min<std::int64_t>(rank, more);
  end_ = begin_ + each + (rank < more ? 1 : 0);
  next_ = begin_;
  if (const std::string log = Recording::judged(settings.file, settings.group); !log.empty())
    source_.emplace(settings.file, log, Features{{"source", Dtype::uint8, {}}});
}

/// Of the chunk that was read, keeps what the solver computed.
void Recorded::leave_out(Columns& inputs, Columns& targets)
{
  const std::int64_t count = inputs.count();
  origins_.resize(static_cast<std::size_t>(count));
  auto* origins = reinterpret_cast<std::byte*>(origins_.data());
  source_->read(last_, count, &origins);
  std::int64_t kept = 0;
  for (std::int64_t row = 0; row < count; ++row) {
    if (origins_[static_cast<std::size_t>(row)] != solved) continue;
    if (kept < row) {
      inputs.copy_row(inputs.batch(), row, kept);
      targets.copy_row(targets.batch(), row, kept);
    }
    ++kept;
  }
  inputs.resize(kept);
  targets.resize(kept);
}

bool Recorded::next(Columns& inputs, Columns& targets)
{
  while (read(inputs, targets)) {
    if (source_) leave_out(inputs, targets);
    if (inputs.count() > 0) return true;
  }
  return false;
}

bool Recorded::read(Columns& inputs, Columns& targets)
{
  const std::int64_t count = std::min(chunk_, end_ - next_);
  inputs.resize(count);
  targets.resize(count);
  columns_.assign(inputs.columns(), inputs.columns() + inputs.features().size());
  columns_.insert(columns_.end(), targets.columns(), targets.columns() + targets.features().size());
  recording_.read(next_, count, columns_.data());
  last_ = next_;
  next_ += count;
  return count > 0;
}

std::int64_t Recorded::step(std::int64_t row) const noexcept
{
  return (last_ + row) / recording_.samples_per_step();
}

}  // namespace cardan::closure
