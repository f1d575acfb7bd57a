#include "couplers/tuning/samples.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace cardan::tuning {

namespace {

/// The count of a part's samples stands before them.
constexpr std::size_t line = 64;
/// Samples that are copied at once.
constexpr std::int64_t at_once = 1024;

std::size_t rounded(std::int64_t bytes)
{
  return (static_cast<std::size_t>(bytes) + 7) / 8 * 8;
}

/// A use, then each feature at a multiple of eight bytes.
std::size_t row_bytes(const Signature& signature)
{
  if (signature.inputs.empty() && signature.outputs.empty()) return 0;
  std::size_t bytes = sizeof(std::uint64_t);
  for (const auto* features : {&signature.inputs, &signature.outputs})
    for (const Feature& feature : *features) bytes += rounded(feature.bytes());
  return bytes;
}

}  // namespace

Samples::Samples(const Context& context, const std::string& name, const Signature& signature,
                 std::int64_t capacity)
    : what_("tuning '" + name + "'"),
      signature_(signature),
      capacity_(capacity),
      bytes_(row_bytes(signature)),
      shards_(context, line + bytes_ * static_cast<std::size_t>(capacity)),
      known_(static_cast<std::size_t>(shards_.ranks()), 0),
      some_inputs_(signature.inputs),
      some_outputs_(signature.outputs)
{
  for (int use = 0; use < 2; ++use)
    seen_.push_back({closure::Columns{signature.inputs}, closure::Columns{signature.outputs}});
}

const closure::Columns& Samples::inputs(Use use) const
{
  return seen_[static_cast<std::size_t>(use)].inputs;
}

const closure::Columns& Samples::outputs(Use use) const
{
  return seen_[static_cast<std::size_t>(use)].outputs;
}

void Samples::add(Fields inputs, Fields outputs, Use use)
{
  if (!declared())
    throw Error{what_ + " was opened without fields", "it has no samples",
                "Name them in TuningShape."};
  some_inputs_.resize(0);
  some_outputs_.resize(0);
  federation::append(what_, inputs, some_inputs_);
  federation::append(what_, outputs, some_outputs_);
  if (some_inputs_.count() != some_outputs_.count())
    throw Error{fmt::format("{} got {} samples of inputs, and {} of outputs", what_,
                            some_inputs_.count(), some_outputs_.count())};
  const std::int64_t before = own_[0] + own_[1];
  const std::int64_t more = std::min(some_inputs_.count(), capacity_ - before);
  lost_ += some_inputs_.count() - more;
  for (std::int64_t r = 0; r < more; ++r) {
    std::byte* to = shards_.own() + line + static_cast<std::size_t>(before + r) * bytes_;
    const auto as_number = static_cast<std::uint64_t>(use);
    std::memcpy(to, &as_number, sizeof as_number);
    to += sizeof as_number;
    for (const auto* columns : {&some_inputs_, &some_outputs_}) {
      const Batch batch = columns->batch();
      for (std::size_t f = 0; f < columns->features().size(); ++f) {
        const std::int64_t bytes = columns->features()[f].bytes();
        std::memcpy(to, batch.columns[f] + r * bytes, static_cast<std::size_t>(bytes));
        to += rounded(bytes);
      }
    }
  }
  own_[static_cast<std::size_t>(use)] += more;
  shards_.sync();
  std::atomic_ref<std::int64_t>{*reinterpret_cast<std::int64_t*>(shards_.own())}.store(
      before + more, std::memory_order_release);
  shards_.sync();
}

void Samples::keep(const std::byte* row)
{
  std::uint64_t use = 0;
  std::memcpy(&use, row, sizeof use);
  row += sizeof use;
  Seen& seen = seen_[use];
  for (auto* columns : {&seen.inputs, &seen.outputs}) {
    const std::int64_t at = columns->count();
    columns->resize(at + 1);
    for (std::size_t f = 0; f < columns->features().size(); ++f) {
      columns->copy(f, row, 1, at);
      row += rounded(columns->features()[f].bytes());
    }
  }
}

void Samples::refresh()
{
  if (!declared()) return;
  for (int rank = 0; rank < shards_.ranks(); ++rank) {
    if (!shards_.shared() && rank != shards_.rank()) continue;
    std::int64_t count = 0;
    shards_.get(rank, 0, &count, sizeof count);
    auto& known = known_[static_cast<std::size_t>(rank)];
    while (known < count) {
      const std::int64_t some = std::min(at_once, count - known);
      rows_.resize(static_cast<std::size_t>(some) * bytes_);
      shards_.get(rank, line + static_cast<std::size_t>(known) * bytes_, rows_.data(),
                  rows_.size());
      for (std::int64_t r = 0; r < some; ++r)
        keep(rows_.data() + static_cast<std::size_t>(r) * bytes_);
      known += some;
    }
  }
}

}  // namespace cardan::tuning
