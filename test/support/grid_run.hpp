/// Runs of surrogates on grids, each rank with its part of a known function.
#pragma once

#include "support/grid_case.hpp"
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace test {

using cardan::Field;

inline constexpr double untouched = -99;

/// One rank's fields.
struct Part {
  Part(const GridCase& grid, MPI_Comm comm)
      : box(part_of(grid, rank_in(comm), size_of(comm))),
        u(static_cast<std::size_t>(box.count.product())),
        v(u.size()),
        s(u.size()),
        t(u.size())
  {}
  /// Calls `work(cell, place in this part)`.
  template <class Work>
  void each(Work&& work) const
  {
    for (std::int64_t n = 0; n < box.count.product(); ++n) {
      Extents at = box.offset;
      std::int64_t rest = n;
      for (int d = at.rank() - 1; d >= 0; --d) {
        at[d] += rest % box.count[d];
        rest /= box.count[d];
      }
      work(at, static_cast<std::size_t>(n));
    }
  }
  void fill(const World& world, bool solved)
  {
    each([&](const Extents& at, std::size_t n) {
      u[n] = world.u(at);
      v[n] = world.v(at);
      s[n] = solved ? world.s(at) : untouched;
      t[n] = solved ? world.t(at) : static_cast<float>(untouched);
    });
  }
  cardan::Answer predict(cardan::Surrogate& surrogate)
  {
    return surrogate.predict({{"u", in(u)}, {"v", in(v)}}, {{"s", in(s)}, {"t", in(t)}});
  }
  void observe(cardan::Surrogate& surrogate)
  {
    surrogate.observe({{"u", in(u)}, {"v", in(v)}}, {{"s", in(s)}, {"t", in(t)}});
  }
  template <class T>
  [[nodiscard]] Field in(std::vector<T>& numbers) const
  {
    return Field{std::span(numbers), box.count}.in(box);
  }
  /// How many cells are neither the truth and trusted nor untouched and listed.
  [[nodiscard]] std::int64_t wrong(const World& world, const cardan::Answer& answer) const
  {
    std::vector<bool> listed(u.size(), false);
    for (const auto n : answer.untrusted()) listed[static_cast<std::size_t>(n)] = true;
    std::int64_t count = 0;
    each([&](const Extents& at, std::size_t n) {
      if (listed[n])
        count += s[n] != untouched || t[n] != static_cast<float>(untouched);
      else
        count += !(std::abs(s[n] - world.s(at)) < 1e-8 && std::abs(t[n] - world.t(at)) < 1e-6F);
    });
    return count;
  }

  Box box;
  std::vector<double> u;
  std::vector<float> v;
  std::vector<double> s;
  std::vector<float> t;
};

inline bool on_all(MPI_Comm comm, bool mine)
{
  int all = mine ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, comm);
  return all != 0;
}

using Simulate = std::function<void(cardan::Session&, cardan::Surrogate&, Part&)>;

inline void couple(const GridCase& grid, const std::string& text, const Simulate& simulate)
{
  const RunFile file{MPI_COMM_WORLD, "grid", text};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  Part part{grid, session.comm()};
  auto surrogate = session.surrogate("stencil");
  simulate(session, surrogate, part);
}

/// Predicts and teaches until all ranks have had `enough` whole answers; all must be right.
inline void learn(const GridCase& grid, cardan::Session& session, cardan::Surrogate& surrogate,
                  Part& part, int enough = 3)
{
  const double begin = MPI_Wtime();
  int whole = 0;
  std::int64_t asked = 0;
  for (const auto step : session.steps(1000000)) {
    const World world{grid, step};
    part.fill(world, false);
    const auto answer = part.predict(surrogate);
    ++asked;
    CHECK(part.wrong(world, answer) == 0);
    if (on_all(session.comm(), static_cast<bool>(answer)) && ++whole == enough) break;
    REQUIRE(MPI_Wtime() - begin < 60);
    part.fill(world, true);
    part.observe(surrogate);
  }
  const auto& counters = surrogate.counters();
  CHECK(counters.late == 0);
  CHECK(counters.asked == asked * part.box.count.product());
  CHECK(counters.asked == counters.trusted + counters.not_ready + counters.unsure +
                              counters.outside + counters.out_of_range);
  CHECK(counters.trusted >= enough * part.box.count.product());
}

inline const std::string everything = "{ gate = \"none\" }";

/// ML ranks and how many of them train, as the number of ranks allows.
struct Split {
  int ml;
  int training;
};
inline std::vector<Split> splits()
{
  switch (size_of(MPI_COMM_WORLD)) {
    case 2: return {{1, 1}};
    case 3: return {{1, 1}, {2, 1}};
    case 5: return {{3, 1}, {3, 2}};
    default: return {{4, 1}, {4, 3}};
  }
}

}  // namespace test
