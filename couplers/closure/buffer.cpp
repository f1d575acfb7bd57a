#include "couplers/closure/buffer.hpp"

#include <algorithm>

namespace cardan::closure {

Buffer::Buffer(const Signature& signature, std::int64_t capacity, std::uint64_t seed)
    : inputs_(signature.inputs), targets_(signature.outputs), capacity_(capacity), random_(seed)
{}

void Buffer::add(const Batch& inputs, const Batch& targets, std::int64_t row, std::int64_t step)
{
  ++seen_;
  std::int64_t place = size();
  if (place < capacity_) {
    // Grows with what arrives: a large capacity costs nothing until it is used.
    inputs_.append(inputs, row);
    targets_.append(targets, row);
    records_.push_back({step, 0});
  } else {
    place = place_of_next();
    if (place == nowhere) {
      ++dropped_;
      return;
    }
    ++evicted_;
    inputs_.copy_row(inputs, row, place);
    targets_.copy_row(targets, row, place);
    records_[static_cast<std::size_t>(place)] = {step, 0};
  }
  filled(place);
}

void Buffer::draw(std::int64_t count, Columns& inputs, Columns& targets)
{
  const Batch held_inputs = inputs_.batch();
  const Batch held_targets = targets_.batch();
  inputs.resize(size() > 0 ? count : 0);
  targets.resize(inputs.count());
  for (std::int64_t r = 0; r < inputs.count(); ++r) {
    const std::int64_t place = choose();
    inputs.copy_row(held_inputs, place, r);
    targets.copy_row(held_targets, place, r);
    ++records_[static_cast<std::size_t>(place)].hits;
    ++draws_;
    drawn(place);
  }
}

BufferCounters Buffer::counters(std::int64_t step) const
{
  BufferCounters counters{size(), seen_, dropped_, evicted_, draws_, 0, 0, 0, 0};
  if (size() == 0) return counters;
  counters.least_hits = records_.front().hits;
  double hits = 0;
  double ages = 0;
  for (const auto& record : records_) {
    hits += static_cast<double>(record.hits);
    ages += static_cast<double>(step - record.step);
    counters.least_hits = std::min(counters.least_hits, record.hits);
    counters.largest_age = std::max(counters.largest_age, step - record.step);
  }
  counters.mean_hits = hits / static_cast<double>(size());
  counters.mean_age = ages / static_cast<double>(size());
  return counters;
}

//= [training.NAME.buffer]
BufferSettings read_buffer(const Config& table)
{
  BufferSettings settings;
  //= a uniform sample of all that was observed; `"fifo"`: the newest; `"threshold"`: each until it
  //= was drawn `least` times
  const std::string kind = table.choice("kind", {"fifo", "reservoir", "threshold"}, "reservoir");
  if (kind == "fifo") settings.kind = BufferSettings::Kind::fifo;
  if (kind == "threshold") settings.kind = BufferSettings::Kind::threshold;
  //= samples that are kept on each training rank
  settings.capacity = table.get<std::int64_t>("capacity", settings.capacity);
  if (settings.capacity < 1) throw table.error("capacity", "must be positive");
  // Elsewhere the key has no meaning, and stays unknown.
  if (settings.kind == BufferSettings::Kind::threshold) {
    //= of `"threshold"`: draws before a sample may make room for another
    settings.least = table.get<std::int64_t>("least", settings.least);
    if (settings.least < 1)
      throw table.error("least", "must be at least 1",
                        "A sample that is never drawn teaches nothing.");
  }
  return settings;
}

}  // namespace cardan::closure
