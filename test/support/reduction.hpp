/// Reductions of tests: fields that anybody can compute again, and a receiver that does.
#pragma once

#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

using cardan::Config;
using cardan::Dtype;
using cardan::Field;
using cardan::Receiver;
using cardan::ReceiverPlace;
using cardan::Reconstruction;
using cardan::Reduction;
using cardan::ReductionField;
using cardan::Session;

/// Two species in two dimensions, and a float32 field in three; other extents on every other rank.
inline std::vector<ReductionField> fields_of(int rank)
{
  const std::int64_t more = rank % 2;
  ReductionField uv{"uv", Dtype::float64, {2, 16 + 3 * more, 24}, true, {100 * rank, 0}};
  ReductionField t{"t", Dtype::float32, {8, 9, 10 + more}, false, {}};
  return {uv, t};
}

inline std::int64_t count_of(const ReductionField& field)
{
  std::int64_t count = 1;
  for (const auto extent : field.shape) count *= extent;
  return count;
}

/// Number i of a field of a rank at a step: waves that drift, and a part that never changes.
inline double truth(int rank, std::int64_t step, int field, std::int64_t i)
{
  const auto x = static_cast<double>(i);
  if (field == 1) {
    const double t = std::cos(0.01 * x + 0.02 * static_cast<double>(step)) + 0.1 * rank;
    return static_cast<double>(static_cast<float>(t));
  }
  if (i < 100) return 3;
  return 2 + std::sin(0.013 * x + 0.05 * static_cast<double>(step)) * (1 + rank) +
         0.1 * std::sin(1.7 * x);
}

/// What a simulation rank puts: the fields of a step, in memory of its own with gaps.
class Reduced {
 public:
  Reduced(Session& session, const std::string& name = "r")
      : rank_(rank_in(session.comm())),
        fields_(fields_of(rank_)),
        uv_(static_cast<std::size_t>(2 * count_of(fields_[0]))),
        t_(static_cast<std::size_t>(count_of(fields_[1]))),
        reduction_(session.reduction(name, fields_))
  {}
  bool put(std::int64_t step)
  {
    fill(step);
    const bool sent = reduction_.put(named());
    // May be changed as soon as it returns.
    std::fill(uv_.begin(), uv_.end(), -1e300);
    return sent;
  }
  void fit(std::int64_t step)
  {
    fill(step);
    reduction_.fit(named());
  }
  Reduction& reduction() { return reduction_; }
  [[nodiscard]] const cardan::ReductionCounters& counters() const { return reduction_.counters(); }
  [[nodiscard]] std::int64_t raw_bytes() const
  {
    return 8 * count_of(fields_[0]) + 4 * count_of(fields_[1]);
  }
  /// Something that is wrong from now on: no number, at this place.
  std::int64_t hole = -1;

 private:
  void fill(std::int64_t step)
  {
    for (std::int64_t i = 0; i < count_of(fields_[0]); ++i)
      uv_[static_cast<std::size_t>(2 * i)] = truth(rank_, step, 0, i);
    for (std::int64_t i = 0; i < count_of(fields_[1]); ++i)
      t_[static_cast<std::size_t>(i)] = static_cast<float>(truth(rank_, step, 1, i));
    if (hole >= 0) uv_[static_cast<std::size_t>(2 * hole)] = std::nan("");
  }
  [[nodiscard]] std::vector<cardan::NamedField> named() const
  {
    const auto& uv = fields_[0].shape;
    const auto& t = fields_[1].shape;
    return {{"uv", Field{uv_.data(), {uv[0], uv[1], uv[2]}, {2 * uv[1] * uv[2], 2 * uv[2], 2}}},
            {"t", Field{t_.data(), {t[0], t[1], t[2]}}}};
  }

  int rank_;
  std::vector<ReductionField> fields_;
  std::vector<double> uv_;
  std::vector<float> t_;
  Reduction reduction_;
};

/// What the receivers of this process have seen since it was emptied.
struct Seen {
  std::int64_t puts = 0;
  std::int64_t numbers = 0;
  std::int64_t ends = 0;
  std::map<int, std::vector<std::int64_t>> steps;
  std::map<std::uint32_t, std::int64_t> versions;
  /// The largest |x - x'| over its bound.
  double worst = 0;
  std::int64_t moved_bytes = 0;
  std::int64_t raw_bytes = 0;
  std::int64_t holes = 0;
};
inline Seen& seen()
{
  static Seen all;
  return all;
}

/// Recomputes what was put and compares every number with it. Options: `eps`, the most that a bound
/// may be in units of the field's range (0: not looked at); `sleep`, milliseconds; `fail`, a step.
class Checker : public Receiver {
 public:
  Checker(const Config& options, std::span<const ReductionField> fields, const ReceiverPlace& place)
      : place_(place),
        eps_(options.get<double>("eps", 0)),
        sleep_(options.get<std::int64_t>("sleep", 0)),
        fail_(options.get<std::int64_t>("fail", -1))
  {
    CHECK(fields.size() == 2);
    CHECK(place.index < place.receivers);
  }
  void take(const Reconstruction& arrived) override
  {
    if (arrived.step == fail_) throw std::runtime_error("it does not like this step");
    CHECK(arrived.rank % place_.receivers == place_.index);
    CHECK(arrived.rank < place_.simulation_ranks);
    CHECK(arrived.same);
    const auto declared = fields_of(arrived.rank);
    REQUIRE(arrived.fields.size() == declared.size());
    for (std::size_t f = 0; f < declared.size(); ++f) {
      CHECK(arrived.fields[f].shape == declared[f].shape);
      CHECK(arrived.fields[f].offset == declared[f].offset);
      compare(arrived, static_cast<int>(f));
    }
    ++seen().puts;
    seen().steps[arrived.rank].push_back(arrived.step);
    ++seen().versions[arrived.version];
    seen().moved_bytes += arrived.moved_bytes;
    seen().raw_bytes += arrived.raw_bytes;
    if (sleep_ > 0) usleep(static_cast<unsigned>(1000 * sleep_));
  }
  void end() override { ++seen().ends; }

 private:
  void compare(const Reconstruction& arrived, int field) const
  {
    const auto f = static_cast<std::size_t>(field);
    const double eps = arrived.eps[f];
    double least = 1e300;
    double most = -1e300;
    double worst = 0;
    for (std::int64_t i = 0; i < count_of(arrived.fields[f]); ++i) {
      const double x = truth(arrived.rank, arrived.step, field, i);
      const double there = arrived.values[f][i];
      if (std::isnan(there)) {
        ++seen().holes;
        continue;
      }
      least = std::min(least, x);
      most = std::max(most, x);
      worst = std::max(worst, std::abs(x - there));
      ++seen().numbers;
    }
    CHECK(worst <= eps);
    if (eps_ > 0) CHECK(eps <= eps_ * (most - least));
    if (eps > 0) seen().worst = std::max(seen().worst, worst / eps);
  }

  ReceiverPlace place_;
  double eps_;
  std::int64_t sleep_;
  std::int64_t fail_;
};

inline void register_checker()
{
  cardan::register_receiver(
      "checker",
      [](const Config& options, std::span<const ReductionField> fields,
         const ReceiverPlace& place) { return std::make_unique<Checker>(options, fields, place); });
}

/// How many ML ranks the tests take of the job's ranks; with one, none is left.
inline int reduction_ml_ranks()
{
  const int ranks = size_of(MPI_COMM_WORLD);
  return ranks < 4 ? ranks - 1 : ranks / 2;
}

inline std::string reduction_run(const std::string& keys = "",
                                 const std::string& transport = "auto",
                                 const std::string& options = "eps = 1.000001e-3")
{
  return quiet_run(reduction_ml_ranks(),
                   "[transport]\nkind = \"" + transport +
                       "\"\n[reduction.r]\nblock = 4\nreceiver = \"checker\"\noptions = { " +
                       options + " }\n" + keys);
}

/// A session whose simulation ranks do `work`, and whose receivers fill `seen()`; what one of them
/// throws ends the test. Afterwards every rank may look at the sums of all.
inline void run_reduction(const std::string& text, const std::function<void(Session&)>& work)
{
  register_checker();
  seen() = {};
  std::optional<Jitter> jitter;
  if (environment("CARDAN_JITTER", 0) > 0) jitter.emplace(world_rank());
  const RunFile file{MPI_COMM_WORLD, "reduction", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  try {
    work(session);
  } catch (const std::exception& error) {
    FAIL(std::string{error.what()});
  }
}

}  // namespace test
