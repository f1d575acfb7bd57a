/// The newest frames of all members.
#pragma once

#include <cardan/ensemble.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::ensemble {

/// What is known of a frame besides descriptor and state.
struct Frame {
  /// Grows by one with each frame, from 0.
  std::int64_t id = -1;
  int member = 0;
  std::int64_t segment = 0;
  double time = 0;
  double weight = 1;
  double objective = 0;
  /// The frame of the same member that the model is to make this one of; -1: none.
  std::int64_t before = -1;
  /// The member came to its own end there: nothing goes on from it.
  bool last = false;
  /// Members that were restarted from it.
  std::int64_t restarts = 0;
};

/// A ring: frame `id` lies in slot `id % capacity` until another one takes its place. All memory is
/// allocated once.
class Window {
 public:
  /// `parts`: ranks of a member, each with its part of the state.
  Window(std::int64_t capacity, const EnsembleShape& shape, int parts);

  /// Copies; `state` has all parts, one after the other. Returns the frame's id.
  std::int64_t add(const Frame& frame, std::span<const double> descriptor,
                   std::span<const double> state);
  /// Null where it was overwritten, or never was.
  [[nodiscard]] const Frame* find(std::int64_t id) const;
  [[nodiscard]] Frame* find(std::int64_t id);
  /// Of a frame that is there.
  [[nodiscard]] std::span<const double> descriptor(std::int64_t id) const;
  [[nodiscard]] std::span<const double> state(std::int64_t id, int part) const;

  [[nodiscard]] std::size_t slot(std::int64_t id) const
  {
    return static_cast<std::size_t>(id) % capacity_;
  }
  /// The frame in a slot below `size`.
  [[nodiscard]] const Frame& at(std::size_t slot) const { return frames_[slot]; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// The id of the next frame: frames so far.
  [[nodiscard]] std::int64_t next() const { return next_; }
  /// The id of the oldest frame that is there.
  [[nodiscard]] std::int64_t oldest() const { return next_ - static_cast<std::int64_t>(size()); }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }

 private:
  std::size_t capacity_;
  std::size_t dimension_;
  std::size_t part_;
  std::size_t state_;
  std::int64_t next_ = 0;
  std::vector<Frame> frames_;
  std::vector<double> descriptors_;
  std::vector<double> states_;
};

}  // namespace cardan::ensemble
