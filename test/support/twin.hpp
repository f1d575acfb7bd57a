/// Twins of tests: a process that checks what it gets, and the sessions that it runs in.
#pragma once

#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>
#include <cardan/twin.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

using cardan::Config;
using cardan::Dtype;
using cardan::Features;
using cardan::Field;
using cardan::Session;
using cardan::Signature;
using cardan::TwinCycle;
using cardan::TwinOutcome;
using cardan::TwinPlace;

inline Features observation_features()
{
  return {{"x", Dtype::float64, {3}}, {"id", Dtype::int64, {}}};
}
inline Features answer_features()
{
  return {{"sums", Dtype::float64, {2, 2}}, {"of", Dtype::int64, {}}, {"here", Dtype::int32, {}}};
}
/// What asset rank `rank` observes in a cycle.
inline double observed(int rank, std::int64_t cycle, int number)
{
  return 1000.0 * rank + static_cast<double>(cycle) + 0.25 * number;
}

/// What the first twin rank of this process saw; of all cycles.
struct TwinSeen {
  std::vector<std::int64_t> cycles;
  std::vector<std::int64_t> late;
  /// Of each cycle, how many observations were here; of each late one too.
  std::vector<int> here;
  std::vector<int> late_here;
  std::vector<double> left;
  bool ended = false;
};

/// Its options: `sleep` seconds in every `every`-th cycle, `fails` in a cycle on the last twin
/// rank, `not_finite` in a cycle.
class Prober : public cardan::TwinProcess {
 public:
  Prober(const Config& options, const TwinPlace& place, TwinSeen& seen)
      : place_(place),
        seen_(seen),
        sleep_(options.get<double>("sleep", 0)),
        every_(options.get<std::int64_t>("every", 1)),
        fails_(options.get<std::int64_t>("fails", -1)),
        not_finite_(options.get<std::int64_t>("not_finite", -1))
  {}

  void cycle(const TwinCycle& cycle, std::byte* const* answer) override
  {
    CHECK_FALSE(cycle.late);
    CHECK(cycle.time == static_cast<double>(cycle.cycle) * place_.period);
    if (!seen_.cycles.empty()) CHECK(cycle.cycle > seen_.cycles.back());
    seen_.cycles.push_back(cycle.cycle);
    seen_.here.push_back(check(cycle));
    seen_.left.push_back(cycle.left);
    if (cycle.cycle == fails_ && place_.rank == place_.ranks - 1)
      throw std::runtime_error("the twin does not like this cycle");
    // All twin ranks are in the same one.
    std::int64_t sum = cycle.cycle;
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT64_T, MPI_SUM, place_.comm);
    CHECK(sum == cycle.cycle * place_.ranks);
    if (sleep_ > 0 && cycle.cycle % every_ == every_ - 1)
      std::this_thread::sleep_for(std::chrono::duration<double>(sleep_));
    if (place_.rank != 0) return;
    std::array<double, 4> sums{};
    const auto* x = reinterpret_cast<const double*>(cycle.columns[0]);
    for (int r = 0; r < place_.asset_ranks; ++r) sums[0] += x[3 * r];
    sums[1] = 1;
    sums[2] = static_cast<double>(cycle.cycle);
    sums[3] = cycle.cycle == not_finite_ ? std::numeric_limits<double>::quiet_NaN() : 3;
    const std::int32_t here = seen_.here.back();
    std::memcpy(answer[0], sums.data(), sizeof sums);
    std::memcpy(answer[1], &cycle.cycle, sizeof cycle.cycle);
    std::memcpy(answer[2], &here, sizeof here);
  }
  void late(const TwinCycle& cycle) override
  {
    CHECK(cycle.late);
    seen_.late.push_back(cycle.cycle);
    seen_.late_here.push_back(check(cycle));
    CHECK(seen_.late_here.back() > 0);
  }
  void end() override { seen_.ended = true; }

 private:
  /// How many observations are here: they are right, and the others zero.
  [[nodiscard]] int check(const TwinCycle& cycle) const
  {
    int here = 0;
    const auto* x = reinterpret_cast<const double*>(cycle.columns[0]);
    const auto* id = reinterpret_cast<const std::int64_t*>(cycle.columns[1]);
    CHECK(cycle.here.size() == static_cast<std::size_t>(place_.asset_ranks));
    for (int r = 0; r < place_.asset_ranks; ++r) {
      const bool there = cycle.here[static_cast<std::size_t>(r)] != 0;
      here += there ? 1 : 0;
      CHECK(id[r] == (there ? 10 * cycle.cycle + r : 0));
      for (int i = 0; i < 3; ++i) CHECK(x[3 * r + i] == (there ? observed(r, cycle.cycle, i) : 0));
    }
    return here;
  }

  TwinPlace place_;
  TwinSeen& seen_;
  double sleep_;
  std::int64_t every_;
  std::int64_t fails_;
  std::int64_t not_finite_;
};

/// The asset's side: what it observes and what it takes, with gaps in memory.
class Asset {
 public:
  explicit Asset(Session& session, const std::string& name = "t")
      : twin_(session.twin(name, observation_features(), answer_features())),
        rank_(rank_in(session.comm())),
        ranks_(size_of(session.comm()))
  {}
  void publish(std::int64_t cycle)
  {
    for (int i = 0; i < 3; ++i) x_[static_cast<std::size_t>(2 * i)] = observed(rank_, cycle, i);
    const std::int64_t id = 10 * cycle + rank_;
    twin_.publish({{"x", Field{x_.data(), {3}, {2}}}, {"id", Field{&id, {}}}});
    x_.fill(-1e9);
  }
  TwinOutcome answer()
  {
    return twin_.answer({{"sums", Field{sums.data(), {2, 2}, {1, 2}}},
                         {"of", Field{&of, {}}},
                         {"here", Field{&here, {}}}});
  }
  TwinOutcome cycle(std::int64_t number)
  {
    twin_.begin(number);
    publish(number);
    return answer();
  }
  /// Whether the whole answer to a cycle is in the fields, with all observations in it.
  [[nodiscard]] bool holds(std::int64_t cycle) const
  {
    double sum = 0;
    for (int r = 0; r < ranks_; ++r) sum += observed(r, cycle, 0);
    return of == cycle && here == ranks_ && sums[0] == sum && sums[2] == 1 &&
           sums[1] == static_cast<double>(cycle) && sums[3] == 3;
  }
  cardan::Twin& twin() { return twin_; }
  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int ranks() const { return ranks_; }

  /// Column-major.
  std::array<double, 4> sums{};
  std::int64_t of = -1;
  std::int32_t here = -1;

 private:
  cardan::Twin twin_;
  int rank_;
  int ranks_;
  std::array<double, 5> x_{};
};

/// A run file's text: quiet, `ml` ML ranks, one twin "t".
inline std::string twin_run(int ml, const std::string& keys = "",
                            const std::string& transport = "auto",
                            const std::string& kind = "prober")
{
  return quiet_run(
      ml, "[transport]\nkind = \"" + transport + "\"\n[twin.t]\nkind = \"" + kind + "\"\n" + keys);
}

/// How many ML ranks the tests take of the job's ranks; with one, none is left.
inline int twin_ml_ranks()
{
  const int ranks = world_size();
  return ranks < 4 ? ranks - 1 : ranks / 2;
}

/// A session whose asset ranks do `work`; what the twin ranks saw, there. What an asset rank throws
/// ends the test.
inline TwinSeen with_twin(const std::string& text, const std::function<void(Session&)>& work)
{
  static TwinSeen seen;
  seen = {};
  cardan::register_twin("prober",
                        [](const Config& options, const Signature&, const TwinPlace& place) {
                          return std::make_unique<Prober>(options, place, seen);
                        });
  std::optional<Jitter> jitter;
  if (environment("CARDAN_JITTER", 0) > 0) jitter.emplace(world_rank());
  const RunFile file{MPI_COMM_WORLD, "twin", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return seen;
  }
  try {
    work(session);
  } catch (const std::exception& error) {
    FAIL(std::string{error.what()});
  }
  return seen;
}

}  // namespace test
