#include "couplers/closure/buffer.hpp"

#include <algorithm>
#include <cstring>

namespace cardan::closure {

Buffer::Buffer(const Signature& signature, std::int64_t capacity, std::uint64_t seed)
    : inputs_(signature.inputs.size()), capacity_(capacity), random_(seed)
{
  for (const auto* features : {&signature.inputs, &signature.outputs})
    for (const auto& feature : *features) {
      widths_.push_back(feature.bytes());
      bytes_ += feature.bytes();
    }
}

void Buffer::add(const Batch& inputs, const Batch& targets, std::int64_t row, std::int64_t step)
{
  ++seen_;
  std::int64_t place = size_;
  if (size_ < capacity_) {
    ++size_;
    // Grows with what arrives: a large capacity costs nothing until it is used.
    samples_.resize(static_cast<std::size_t>(size_ * bytes_));
    records_.resize(static_cast<std::size_t>(size_));
  } else {
    place = place_of_next();
    if (place == nowhere) {
      ++dropped_;
      return;
    }
    ++evicted_;
  }
  std::byte* to = samples_.data() + place * bytes_;
  for (std::size_t f = 0; f < widths_.size(); ++f) {
    const std::byte* from = f < inputs_ ? inputs.columns[f] : targets.columns[f - inputs_];
    std::memcpy(to, from + row * widths_[f], static_cast<std::size_t>(widths_[f]));
    to += widths_[f];
  }
  records_[static_cast<std::size_t>(place)] = {step, 0};
  filled(place);
}

void Buffer::copy(std::int64_t place, Samples& to, std::int64_t row) const
{
  const std::byte* from = samples_.data() + place * bytes_;
  for (std::size_t f = 0; f < widths_.size(); ++f) {
    std::memcpy(to.columns()[f] + row * widths_[f], from, static_cast<std::size_t>(widths_[f]));
    from += widths_[f];
  }
}

void Buffer::draw(std::int64_t count, Samples& to)
{
  to.resize(size_ > 0 ? count : 0);
  for (std::int64_t r = 0; r < to.count(); ++r) {
    const std::int64_t place = choose();
    copy(place, to, r);
    ++records_[static_cast<std::size_t>(place)].hits;
    ++draws_;
    drawn(place);
  }
}

void Buffer::copy_all(Samples& to) const
{
  to.resize(size_);
  for (std::int64_t place = 0; place < size_; ++place) copy(place, to, place);
}

BufferCounters Buffer::counters(std::int64_t step) const
{
  BufferCounters counters{size_, seen_, dropped_, evicted_, draws_, 0, 0, 0, 0};
  if (size_ == 0) return counters;
  counters.least_hits = records_.front().hits;
  double hits = 0;
  double ages = 0;
  for (const auto& record : records_) {
    hits += static_cast<double>(record.hits);
    ages += static_cast<double>(step - record.step);
    counters.least_hits = std::min(counters.least_hits, record.hits);
    counters.largest_age = std::max(counters.largest_age, step - record.step);
  }
  counters.mean_hits = hits / static_cast<double>(size_);
  counters.mean_age = ages / static_cast<double>(size_);
  return counters;
}

BufferSettings read_buffer(const Config& table)
{
  BufferSettings settings;
  const std::string kind = table.choice("kind", {"fifo", "reservoir", "threshold"}, "reservoir");
  if (kind == "fifo") settings.kind = BufferSettings::Kind::fifo;
  if (kind == "threshold") settings.kind = BufferSettings::Kind::threshold;
  settings.capacity = table.get<std::int64_t>("capacity", settings.capacity);
  if (settings.capacity < 1) throw table.error("capacity", "must be positive");
  // Elsewhere the key has no meaning, and stays unknown.
  if (settings.kind == BufferSettings::Kind::threshold) {
    settings.least = table.get<std::int64_t>("least", settings.least);
    if (settings.least < 1)
      throw table.error("least", "must be at least 1",
                        "A sample that is never drawn teaches nothing.");
  }
  return settings;
}

}  // namespace cardan::closure
