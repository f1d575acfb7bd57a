#include "couplers/tasks/worker.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cardan::tasks {

namespace {

double seconds_between(std::int64_t from, std::int64_t to)
{
  return static_cast<double>(to - from) * 1e-9;
}

}  // namespace

// An order's numbers have their count before them; a result's count stands in its header.
steering::Declaration declaration_of(const std::string& name, int depth, const Shape& shape)
{
  steering::Declaration declaration;
  declaration.name = name;
  declaration.report = {{"numbers", Dtype::float64, {shape.result}}};
  declaration.decision = {{"numbers", Dtype::float64, {shape.order + 1}}};
  declaration.report_depth = depth;
  // Room for the words of this layer besides. A ring may be full all the same, as room comes back
  // in portions and large slots are few: then orders wait with the ML rank.
  declaration.decision_depth = depth + 2;
  declaration.keeps_all = true;
  declaration.to_first = true;
  return declaration;
}

Worker::Worker(const Context& context, const std::string& name, int depth, const Shape& shape)
    : context_(context),
      client_(context, declaration_of(name, depth, shape)),
      result_(static_cast<std::size_t>(shape.result)),
      idle_since_(steering::clock()),
      heard_(idle_since_)
{}

std::optional<Order> Worker::poll()
{
  while (!ended_) {
    const auto incoming = client_.next();
    if (!incoming) {
      ended_ = client_.over();
      return {};
    }
    heard_ = steering::clock();
    const auto& header = incoming->header;
    if (header.tag == end_of_orders) ended_ = true;
    if (header.tag < 0) continue;
    const auto* numbers = reinterpret_cast<const double*>(incoming->data(0));
    ++counters_.orders;
    busy_since_ = heard_;
    idle_ = seconds_between(idle_since_, busy_since_);
    counters_.idle += idle_;
    return Order{header.step,
                 header.tag,
                 header.version,
                 {numbers + 1, static_cast<std::size_t>(numbers[0])}};
  }
  return {};
}

std::optional<Order> Worker::next(const std::function<void()>& meanwhile)
{
  std::optional<Order> order;
  heard_ = steering::clock();
  // The ML rank's word puts the deadline off.
  while (!order && !ended_) {
    const std::int64_t heard = heard_;
    const bool came = mpi::wait_until(
        [&] {
          if (meanwhile) meanwhile();
          order = poll();
          return order || ended_ || heard_ != heard;
        },
        context_.deadline());
    if (!came)
      throw Late{
          fmt::format("no order of '{}' came", client_.ends().declared.name),
          fmt::format("nothing was heard of the ML rank for {:g} s", context_.settings.deadline),
          "Set [run] deadline higher where its work takes longer."};
  }
  return order;
}

void Worker::give(const Order& order, std::span<const double> numbers, std::optional<double> worked)
{
  if (numbers.size() > result_.size())
    throw Error{fmt::format("a result of '{}' has {} numbers", client_.ends().declared.name,
                            numbers.size()),
                fmt::format("declared are {} at most", result_.size())};
  idle_since_ = steering::clock();
  const double span = seconds_between(busy_since_, idle_since_);
  const double seconds = worked.value_or(span);
  counters_.busy += seconds;
  counters_.idle += span - seconds;
  idle_ += span - seconds;
  steering::ReportHeader header;
  header.step = order.id;
  header.tag = order.kind;
  // Idle time in whole microseconds: the header has no room for another number.
  header.part = static_cast<std::int32_t>(std::clamp(idle_ * 1e6, 0.0, 2e9));
  header.values[0] = seconds;
  header.values[1] = static_cast<double>(numbers.size());
  std::copy(numbers.begin(), numbers.end(), result_.begin());
  const std::array<Field, 1> fields{Field{result_}};
  if (client_.report(header, fields, steering::Full::wait)) ++counters_.results;
}

}  // namespace cardan::tasks
