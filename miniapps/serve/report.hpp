/// What a run says in the end: a table, and summary.json.
#pragma once

#include "load.hpp"
#include "soak.hpp"

#include <cardan/service.hpp>
#include <cardan/session.hpp>

#include <optional>
#include <string>
#include <vector>

namespace serve {

/// Service by service: its opening, and its measures.
struct Served {
  std::string name;
  std::string kind;
  cardan::Bootstrap bootstrap;
  std::vector<Measure> strong;
  std::vector<Measure> weak;
};

/// NOOP requests beside bare round trips, in the same run, one at a time.
struct Overhead {
  Spread bare;
  Spread noop;
  [[nodiscard]] double ratio() const { return noop.median / bare.median; }
};

struct Results {
  double split = 0;
  std::string transport;
  int clients = 1;
  int instances = 1;
  std::int64_t numbers = 64;
  std::vector<Served> services;
  std::optional<Overhead> overhead;
  std::optional<SoakResult> soak;
};

/// One rank: prints the tables and writes `folder`/summary.json; throws where it cannot.
void report(cardan::Session& session, const Results& results, const std::string& folder);

}  // namespace serve
