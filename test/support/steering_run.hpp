/// Sessions of tests of steering.
#pragma once

#include "support/steering.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <string>

namespace test {

/// How many ML ranks the tests take of the job's ranks; with one, none is left.
inline int ml_ranks()
{
  const int ranks = size_of(MPI_COMM_WORLD);
  return ranks < 4 ? ranks - 1 : ranks / 2;
}

/// A session whose simulation ranks do `work`; what one of them throws ends the test.
inline void run(const std::string& text, const std::function<void(Session&)>& work)
{
  test::register_obedient();
  const RunFile file{MPI_COMM_WORLD, "steering", text};
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

/// Of a session with ML ranks.
inline void run_coupled(const std::string& text, const std::function<void(Session&)>& work)
{
  if (ml_ranks() > 0) run(text, work);
}

/// Polls until so many decisions are dealt with, and then whether more come.
inline void settle(Steered& steered, std::int64_t decisions)
{
  const auto dealt_with = [&] {
    const auto& counters = steered.counters();
    return counters.applied + counters.superseded;
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (dealt_with() < decisions && std::chrono::steady_clock::now() < end)
    static_cast<void>(steered.poll());
  CHECK(dealt_with() == decisions);
  CHECK_FALSE(steered.wait(0.02));
}

inline int deciders(const Session& session)
{
  return std::min(session.ml_ranks(), size_of(session.comm()));
}

}  // namespace test
