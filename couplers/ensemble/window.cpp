#include "couplers/ensemble/window.hpp"

#include <algorithm>

namespace cardan::ensemble {

Window::Window(std::int64_t capacity, const EnsembleShape& shape, int parts)
    : capacity_(static_cast<std::size_t>(capacity)),
      dimension_(static_cast<std::size_t>(shape.descriptor)),
      part_(static_cast<std::size_t>(shape.state)),
      state_(part_ * static_cast<std::size_t>(parts)),
      frames_(capacity_),
      descriptors_(capacity_ * dimension_),
      states_(capacity_ * state_)
{}

std::int64_t Window::add(const Frame& frame, std::span<const double> descriptor,
                         std::span<const double> state)
{
  const std::size_t at = slot(next_);
  frames_[at] = frame;
  frames_[at].id = next_;
  std::copy_n(descriptor.begin(), dimension_, &descriptors_[at * dimension_]);
  std::copy_n(state.begin(), state_, &states_[at * state_]);
  return next_++;
}

std::size_t Window::size() const
{
  return std::min(capacity_, static_cast<std::size_t>(next_));
}

const Frame* Window::find(std::int64_t id) const
{
  return id < next_ && id >= 0 && id >= oldest() ? &frames_[slot(id)] : nullptr;
}

Frame* Window::find(std::int64_t id)
{
  return id < next_ && id >= 0 && id >= oldest() ? &frames_[slot(id)] : nullptr;
}

std::span<const double> Window::descriptor(std::int64_t id) const
{
  return {&descriptors_[slot(id) * dimension_], dimension_};
}

std::span<const double> Window::state(std::int64_t id, int part) const
{
  return {&states_[slot(id) * state_ + static_cast<std::size_t>(part) * part_], part_};
}

}  // namespace cardan::ensemble
