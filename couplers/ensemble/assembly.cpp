#include "couplers/ensemble/assembly.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cardan::ensemble {

namespace {

template <class T>
T number(const Report& report, ReportField field)
{
  T value;
  std::memcpy(&value, report.columns[field], sizeof value);
  return value;
}

/// What is no number would make all distances meaningless.
bool is_finite(const Arrived& frame)
{
  return std::isfinite(frame.objective) && std::isfinite(frame.weight) &&
         std::all_of(frame.descriptor.begin(), frame.descriptor.end(),
                     [](double value) { return std::isfinite(value); });
}

}  // namespace

Assembly::Assembly(const EnsembleShape& shape, int members, int parts)
    : shape_(shape), parts_(parts), open_(static_cast<std::size_t>(members))
{}

void Assembly::begin(Arrived& frame, int member, std::int64_t segment) const
{
  frame.member = member;
  frame.kind = FrameKind::frame;
  frame.segment = segment;
  frame.descriptor.resize(static_cast<std::size_t>(shape_.descriptor));
  frame.state.resize(static_cast<std::size_t>(shape_.state) * static_cast<std::size_t>(parts_));
  frame.has.assign(static_cast<std::size_t>(parts_), 0);
  frame.missing = parts_;
}

Arrived& Assembly::slot_of(int member, std::int64_t segment)
{
  auto& open = open_[static_cast<std::size_t>(member)];
  Arrived* unused = nullptr;
  for (auto& frame : open) {
    if (frame.segment == segment && frame.missing > 0) return frame;
    if (frame.segment < 0 || frame.missing == 0) unused = &frame;
  }
  if (unused == nullptr) unused = &open.emplace_back();
  begin(*unused, member, segment);
  return *unused;
}

Arrived* Assembly::take(const Report& report)
{
  if (report.tag < 0 || static_cast<std::size_t>(report.tag) >= open_.size() || report.part < 0 ||
      report.part >= parts_)
    return nullptr;
  Arrived& frame = slot_of(report.tag, report.step);
  const auto part = static_cast<std::size_t>(report.part);
  if (frame.has[part] == 0) --frame.missing;
  frame.has[part] = 1;
  const auto kind = static_cast<FrameKind>(number<std::int32_t>(report, kind_field));
  frame.kind = std::max(frame.kind, kind);
  const auto size = static_cast<std::size_t>(shape_.state);
  std::memcpy(&frame.state[part * size], report.columns[state_field], size * sizeof(double));
  if (part == 0) {
    frame.clock = report.clock;
    frame.time = report.values[0];
    frame.weight = report.values[1];
    frame.objective = number<double>(report, objective_field);
    std::memcpy(frame.descriptor.data(), report.columns[descriptor_field],
                frame.descriptor.size() * sizeof(double));
  }
  if (frame.missing > 0) return nullptr;
  // Each rank's reports come in order: what is older and still open will not be whole any more.
  for (auto& other : open_[static_cast<std::size_t>(frame.member)])
    if (other.missing > 0 && other.segment >= 0 && other.segment < frame.segment) {
      other.segment = -1;
      ++incomplete_;
    }
  if (frame.kind != FrameKind::failed && !is_finite(frame)) frame.kind = FrameKind::failed;
  return &frame;
}

}  // namespace cardan::ensemble
