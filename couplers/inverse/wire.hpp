/// What ML and simulation ranks of an inverse problem say to each other, by orders of tasks.
#pragma once

#include "couplers/inverse/measure.hpp"
#include "couplers/tasks/wire.hpp"

#include <cardan/inverse.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::inverse {

/// Orders. `solve` has a point, and is answered by predicted data; `differentiate` too, answered by
/// these and the gradient of the log-likelihood. At the end of a run come `samples` (steps, see
/// below), pieces of the `report`, and `finished`; or `failed`, with a message.
enum Kind : std::int32_t { solve, differentiate, samples, report, finished, failed };

/// The tag of a report, outside of all orders, by which a simulation rank says that it runs.
inline constexpr std::int32_t begins = -10;

/// Numbers before a sample's parameters: chain, step, log-likelihood, log-prior.
inline constexpr std::size_t sample_head = 4;

tasks::Shape shape_of(const Measure& measure);

std::vector<double> pack(const InverseReport& report);
InverseReport unpack(std::span<const double> numbers);

/// A message as numbers.
std::vector<double> pack(const std::string& message);
std::string message_of(std::span<const double> numbers);

}  // namespace cardan::inverse
