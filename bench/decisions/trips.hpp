/// Trips: a report there and a decision back, or the same bytes by hand.
#pragma once

#include "decisions/bare.hpp"
#include "statistics.hpp"

#include <cardan/session.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace bench {

/// The ways that a trip goes; a report's first word says what its decider is to do.
enum class Way : std::int64_t { decision, memory, messages };
inline constexpr std::array ways{Way::decision, Way::memory, Way::messages};

/// Decides at once: what it is told, with a number that is one larger. By hand it is the other end
/// of so many trips as the report says, and decides when they are done.
class Echo : public cardan::Decider {
 public:
  Echo(Bare& bare, std::size_t words) : bare_(bare), words_(words) {}

  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    const auto* told = reinterpret_cast<const std::int64_t*>(report.columns[0]);
    std::copy_n(told, words_.size(), words_.begin());
    auto& number = words_[number_word];
    if (words_[0] == static_cast<std::int64_t>(Way::memory)) bare_.answer_memory(number);
    if (words_[0] == static_cast<std::int64_t>(Way::messages)) bare_.answer_messages(number);
    ++number;
    const auto* column = reinterpret_cast<const std::byte*>(words_.data());
    cardan::Ruling ruling;
    ruling.to = {&report.rank, 1};
    ruling.step = report.step;
    ruling.clock = report.clock;
    ruling.columns = &column;
    outbox.send(ruling);
  }

 private:
  Bare& bare_;
  std::vector<std::int64_t> words_;
};

/// Seconds a trip: the middle one, and the mean, which has in it that ranks were taken off their
/// cores.
struct Took {
  double middle = 0;
  double mean = 0;
};

class Simulation {
 public:
  Simulation(cardan::Session& session, Bare& bare, std::size_t words)
      : bare_(bare),
        told_(words),
        back_(words),
        steering_(session.steering(
            "trips", {{"told", cardan::Dtype::int64, {static_cast<std::int64_t>(words)}}},
            {{"back", cardan::Dtype::int64, {static_cast<std::int64_t>(words)}}}))
  {}

  /// Before each trip this rank works for `pause` seconds, which do not count. The first trip is
  /// not timed.
  Took time(Way way, std::int64_t trips, double pause)
  {
    // Of the trips by hand the other end must know.
    told_[0] = static_cast<std::int64_t>(way);
    if (way != Way::decision) report(trips + 1);
    one(way, 0);
    latencies_.clear();
    std::vector<double> seconds;
    seconds.reserve(static_cast<std::size_t>(trips));
    double sum = 0;
    double begin = now();
    for (std::int64_t trip = 1; trip <= trips; ++trip) {
      while (pause > 0 && now() - begin < pause) bench::pause();
      if (pause > 0) begin = now();
      one(way, trip);
      const double end = now();
      seconds.push_back(end - begin);
      sum += end - begin;
      begin = end;
    }
    if (way != Way::decision) take(trips + 1);
    return {summarise(seconds).median, sum / static_cast<double>(trips)};
  }
  /// The middle one of the decisions timed last, as their stamps say.
  [[nodiscard]] double latency() const { return summarise(latencies_).median; }

 private:
  void report(std::int64_t number)
  {
    told_[number_word] = number;
    steering_.report({{"told", told_}});
  }
  void take(std::int64_t number)
  {
    if (!steering_.wait({{"back", back_}}, 30))
      throw cardan::Error{"no decision came", "one was due within 30 s"};
    check(number);
  }
  void check(std::int64_t number) const
  {
    if (back_[number_word] != number + 1)
      throw cardan::Error{fmt::format("trip {} brought {} back", number, back_[1]),
                          fmt::format("it should be {}", number + 1)};
  }
  void one(Way way, std::int64_t number)
  {
    if (way == Way::decision) {
      report(number);
      take(number);
      latencies_.push_back(steering_.stamp().latency);
      return;
    }
    told_[number_word] = number;
    if (way == Way::memory) bare_.ask_memory(told_, back_);
    if (way == Way::messages) bare_.ask_messages(told_, back_);
    check(number);
  }

  Bare& bare_;
  std::vector<std::int64_t> told_;
  std::vector<std::int64_t> back_;
  cardan::Steering steering_;
  std::vector<double> latencies_;
};

}  // namespace bench
