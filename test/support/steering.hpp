/// Steering of tests: a decider that does what reports tell it, and what is then to arrive.
#pragma once

#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace test {

using cardan::Config;
using cardan::Decider;
using cardan::DeciderPlace;
using cardan::Dtype;
using cardan::Features;
using cardan::Field;
using cardan::Outbox;
using cardan::Report;
using cardan::Ruling;
using cardan::Session;
using cardan::Signature;
using cardan::Steering;

/// What a report asks for.
enum class Wish : std::int32_t {
  nothing,
  /// A decision for the rank that reports, for every other rank from a first one, for all.
  one,
  some,
  all,
  /// It throws; it sleeps as many milliseconds as `argument` says.
  fail,
  sleep,
  /// `argument` decisions for the rank that reports, with one tag, and with tags of their own.
  many,
  many_tags,
  /// One that no report led to.
  unasked
};

inline Features report_features()
{
  return {
      {"order", Dtype::int32, {}}, {"argument", Dtype::int64, {}}, {"x", Dtype::float64, {3, 2}}};
}
inline Features decision_features()
{
  return {{"sum", Dtype::float64, {}},
          {"twice", Dtype::float64, {3, 2}},
          {"half", Dtype::float32, {6}},
          {"number", Dtype::int64, {1}},
          {"letters", Dtype::uint8, {2, 2}}};
}

/// Wishes are carried out by every decider that gets them; `number` counts this decider's
/// decisions.
class Obedient : public Decider {
 public:
  Obedient(const Signature& signature, const DeciderPlace& place)
      : place_(place), report_is_known_(signature.inputs.size() == 3)
  {}
  void see(const Report& report, Outbox& outbox) override
  {
    if (!report_is_known_) throw std::runtime_error("it knows no such report");
    std::int32_t order = 0;
    std::int64_t argument = 0;
    std::memcpy(&order, report.columns[0], sizeof order);
    std::memcpy(&argument, report.columns[1], sizeof argument);
    const auto* x = reinterpret_cast<const double*>(report.columns[2]);
    switch (static_cast<Wish>(order)) {
      case Wish::nothing: break;
      case Wish::one: decide(report, x, {report.rank}, outbox); break;
      case Wish::some: {
        std::vector<int> to;
        for (int r = static_cast<int>(argument); r < outbox.ranks(); r += 2) to.push_back(r);
        if (!to.empty()) decide(report, x, to, outbox);
        break;
      }
      case Wish::all: decide(report, x, {}, outbox); break;
      case Wish::fail: throw std::runtime_error("it does not like this report");
      case Wish::sleep: std::this_thread::sleep_for(std::chrono::milliseconds(argument)); break;
      case Wish::many:
        for (std::int64_t i = 0; i < argument; ++i) decide(report, x, {report.rank}, outbox);
        break;
      case Wish::many_tags:
        for (std::int64_t i = 0; i < argument; ++i)
          decide(report, x, {report.rank}, outbox, static_cast<std::int32_t>(i));
        break;
      case Wish::unasked: {
        Report none = report;
        none.step = -1;
        none.clock = 0;
        decide(none, x, {report.rank}, outbox);
      }
    }
  }
  bool work(Outbox&) override { return ++worked_ < 3; }

 private:
  void decide(const Report& report, const double* x, const std::vector<int>& to, Outbox& outbox,
              std::int32_t tag = 0)
  {
    double sum = 0;
    std::array<double, 6> twice{};
    std::array<float, 6> half{};
    for (std::size_t i = 0; i < 6; ++i) {
      sum += x[i];
      twice[i] = 2 * x[i];
      half[i] = static_cast<float>(0.5 * x[i]);
    }
    ++number_;
    const std::array<std::uint8_t, 4> letters{'a', 'b', 'c',
                                              static_cast<std::uint8_t>(report.rank)};
    const std::array<const std::byte*, 5> columns{
        reinterpret_cast<const std::byte*>(&sum), reinterpret_cast<const std::byte*>(twice.data()),
        reinterpret_cast<const std::byte*>(half.data()),
        reinterpret_cast<const std::byte*>(&number_),
        reinterpret_cast<const std::byte*>(letters.data())};
    const std::string reason =
        "report " + std::to_string(report.number) + " of rank " + std::to_string(report.rank);
    Ruling ruling;
    ruling.to = to;
    ruling.step = report.step;
    ruling.clock = report.clock;
    ruling.version = static_cast<std::uint32_t>(100 + place_.index);
    ruling.tag = tag;
    ruling.work = 0.25;
    ruling.reason = reason;
    ruling.columns = columns.data();
    CHECK(outbox.send(ruling) == number_);
  }

  DeciderPlace place_;
  bool report_is_known_;
  std::int64_t number_ = 0;
  int worked_ = 0;
};

inline void register_obedient()
{
  cardan::register_decider(
      "obedient", [](const Config&, const Signature& signature, const DeciderPlace& place) {
        return std::make_unique<Obedient>(signature, place);
      });
}

/// A run file's text: quiet, `ml` ML ranks, one steered quantity "s".
inline std::string steering_run(int ml, const std::string& keys = "",
                                const std::string& transport = "auto",
                                const std::string& kind = "obedient")
{
  return quiet_run(ml, "[transport]\nkind = \"" + transport + "\"\n[steering.s]\nkind = \"" + kind +
                           "\"\n" + keys);
}

/// What a simulation rank reports and takes: memory of its own, with gaps between the numbers.
class Steered {
 public:
  explicit Steered(Session& session)
  {
    steering_.emplace(session.steering("s", report_features(), decision_features()));
    clear();
  }
  void clear()
  {
    sum = untouched;
    twice.fill(untouched);
    half.fill(-1);
    number = -1;
    letters.fill('z');
  }
  void report(Wish order, std::int64_t argument, double first)
  {
    const auto word = static_cast<std::int32_t>(order);
    // Column-major, every other number of memory.
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 2; ++j)
        x_[2 * i + 6 * j] = first + static_cast<double>(2 * i + j);
    steering_->report({{"order", Field{&word, {}}},
                       {"argument", Field{&argument, {}}},
                       {"x", Field{x_.data(), {3, 2}, {2, 6}}}});
    x_.fill(-1e9);
  }
  bool poll() { return steering_->poll(fields()); }
  bool wait(double seconds = 20) { return steering_->wait(fields(), seconds); }
  /// Whether a decision of a report that began with `first`, of a simulation rank, was taken whole.
  [[nodiscard]] bool holds(double first, int of) const
  {
    bool right = sum == 6 * first + 15 && letters[0] == 'a' && letters[3] == of;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 2; ++j) {
        const double x = first + static_cast<double>(2 * i + j);
        right = right && twice[i + 3 * j] == 2 * x &&
                half[5 - (2 * i + j)] == static_cast<float>(0.5 * x);
      }
    return right;
  }
  [[nodiscard]] bool intact() const
  {
    return sum == untouched && twice[5] == untouched && number == -1;
  }
  [[nodiscard]] const cardan::DecisionStamp& stamp() const { return steering_->stamp(); }
  [[nodiscard]] const cardan::SteeringCounters& counters() const { return steering_->counters(); }
  Steering& steering() { return *steering_; }

  static constexpr double untouched = -7.25;
  double sum = untouched;
  std::array<double, 6> twice{};
  std::array<float, 6> half{};
  std::int64_t number = -1;
  std::array<std::uint8_t, 4> letters{};

 private:
  /// `twice` column-major, `half` backwards.
  std::vector<cardan::NamedField> fields()
  {
    return {{"sum", Field{&sum, {}}},
            {"twice", Field{twice.data(), {3, 2}, {1, 3}}},
            {"half", Field{half.data() + 5, {6}, {-1}}},
            {"number", Field{&number, {1}}},
            {"letters", Field{letters.data(), {2, 2}}}};
  }

  std::optional<Steering> steering_;
  std::array<double, 12> x_{};
};

}  // namespace test
