/// All that a simulation rank sees of its surrogates in a run, bit by bit.
#pragma once

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace test {

class Trace {
 public:
  template <class T>
  void add(const T* values, std::size_t count)
  {
    const auto* bytes = reinterpret_cast<const std::byte*>(values);
    bytes_.insert(bytes_.end(), bytes, bytes + count * sizeof(T));
  }
  void add(const cardan::Answer& answer)
  {
    add(answer.untrusted().data(), answer.untrusted().size());
    const auto& stamp = answer.stamp();
    add(&stamp.version, 1);
    add(&stamp.age_steps, 1);
    add(&stamp.loss, 1);
    add(&stamp.validation_loss, 1);
    add(&stamp.trained_steps, 1);
    version = stamp.version;
  }
  /// Ends a step.
  void close() { steps_.push_back(bytes_.size()); }
  /// The first step in which two runs differ; -1 where they do not.
  [[nodiscard]] std::int64_t differs(const Trace& other) const
  {
    for (std::size_t s = 0; s < steps_.size() && s < other.steps_.size(); ++s)
      if (steps_[s] != other.steps_[s] ||
          std::memcmp(bytes_.data(), other.bytes_.data(), steps_[s]) != 0)
        return static_cast<std::int64_t>(s);
    return steps_.size() == other.steps_.size() ? -1 : static_cast<std::int64_t>(steps_.size());
  }

  cardan::Counters counters;
  std::int64_t version = 0;

 private:
  std::vector<std::byte> bytes_;
  std::vector<std::size_t> steps_;
};

}  // namespace test
