#include "couplers/inverse/wire.hpp"

#include <algorithm>

namespace cardan::inverse {

namespace {

/// Calls `integer` and `number` and `list` for each member, in one order.
template <class Report, class Integer, class Number, class List>
void visit(Report& report, Integer&& integer, Number&& number, List&& list)
{
  integer(report.solves);
  integer(report.solves_before);
  integer(report.failed);
  integer(report.proposed);
  integer(report.passed);
  integer(report.decided);
  integer(report.accepted);
  integer(report.coarse_solves);
  integer(report.steps);
  integer(report.versions);
  number(report.least_effective);
  number(report.median_effective);
  number(report.effective_per_solve);
  number(report.effective_per_second);
  number(report.mean_age);
  number(report.surrogate_error);
  number(report.seconds);
  number(report.misfit);
  list(report.mean);
  list(report.deviation);
  list(report.effective);
  list(report.reduction);
  list(report.design);
  list(report.misfits);
}

}  // namespace

tasks::Shape shape_of(const Measure& measure)
{
  constexpr std::size_t room = 512;
  const std::size_t n = measure.parameters();
  return {static_cast<std::int64_t>(std::max(room, n + sample_head)),
          static_cast<std::int64_t>(measure.data.size() + (measure.has_gradient ? n : 0))};
}

std::vector<double> pack(const InverseReport& report)
{
  std::vector<double> numbers;
  visit(
      report, [&](std::int64_t value) { numbers.push_back(static_cast<double>(value)); },
      [&](double value) { numbers.push_back(value); },
      [&](const std::vector<double>& values) {
        numbers.push_back(static_cast<double>(values.size()));
        numbers.insert(numbers.end(), values.begin(), values.end());
      });
  return numbers;
}

InverseReport unpack(std::span<const double> numbers)
{
  InverseReport report;
  const auto* next = numbers.data();
  visit(
      report, [&](std::int64_t& value) { value = static_cast<std::int64_t>(*next++); },
      [&](double& value) { value = *next++; },
      [&](std::vector<double>& values) {
        const auto count = static_cast<std::size_t>(*next++);
        values.assign(next, next + count);
        next += count;
      });
  return report;
}

std::vector<double> pack(const std::string& message)
{
  constexpr std::size_t longest = 500;
  std::vector<double> numbers;
  numbers.reserve(std::min(longest, message.size()));
  for (const char each : message.substr(0, longest))
    numbers.push_back(static_cast<double>(static_cast<unsigned char>(each)));
  return numbers;
}

std::string message_of(std::span<const double> numbers)
{
  std::string message;
  for (const double number : numbers)
    message.push_back(static_cast<char>(static_cast<unsigned char>(number)));
  return message;
}

}  // namespace cardan::inverse
