// What a run file says of a twin, and the faults that it injects.
#include "couplers/twin/faults.hpp"
#include "couplers/twin/settings.hpp"

#include <cardan/config.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace cardan;
using twin::Fate;
using twin::FaultSettings;
using twin::Miss;
using twin::read_settings;

namespace {

twin::Settings settings_of(const std::string& keys)
{
  const auto file = Config::from_text("[twin.t]\nkind = \"k\"\n" + keys, "run.toml");
  const auto settings = read_settings(file, "t");
  twin::leave_to_others(file, "t");
  file.reject_unknown();
  return settings;
}

std::string refused(const std::string& keys)
{
  try {
    settings_of(keys);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& keys, const std::string& words)
{
  const std::string said = refused(keys);
  CAPTURE(said);
  return said.find("run.toml:") == 0 && said.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a twin needs no more than its kind")
{
  const auto settings = settings_of("");
  CHECK(settings.kind == "k");
  CHECK(std::isinf(settings.deadline));
  CHECK_FALSE(settings.realtime);
  CHECK(settings.miss == Miss::last);
  CHECK_FALSE(settings.has_model);
  CHECK(settings.faults.dropout == 0);
}

TEST_CASE("in real time the deadline is the period, unless it is given")
{
  CHECK(settings_of("realtime = true\nperiod = \"5 ms\"").deadline == doctest::Approx(5e-3));
  const auto given = settings_of("realtime = true\nperiod = \"5 ms\"\ndeadline = \"4 ms\"");
  CHECK(given.deadline == doctest::Approx(4e-3));
  CHECK(settings_of("deadline = \"4 ms\"").deadline == doctest::Approx(4e-3));
}

TEST_CASE("what cannot be is said with its line")
{
  CHECK(says("realtime = true", "there is no period"));
  CHECK(says("period = 0", "period"));
  CHECK(says("deadline = \"-1 ms\"", "deadline"));
  CHECK(says("late = \"default\"", "there are no defaults"));
  CHECK(says("default = { u = 0 }", "nothing takes them"));
  CHECK(says("late = \"never\"", "late"));
  CHECK(says("depth = 5000", "at most 1024"));
  CHECK(says("ranks = -1", "must not be negative"));
  CHECK(says("trainer = \"own\"", "there is no model"));
  CHECK(says("faults = { dropout = 1.5 }", "share"));
  CHECK(says("faults = { dropout = 0.6, late = 0.6 }", "more than all"));
  CHECK(says("faults = { late_cycles = 0 }", "must be positive"));
  CHECK(says("gate = { margin = 2 }", "share"));
  CHECK(says("train = { batch = 0 }", "must be positive"));
  CHECK(says("fault = { dropout = 0.5 }", "Did you mean 'faults'?"));
}

TEST_CASE("faults are the same whoever asks and whenever")
{
  FaultSettings settings;
  settings.dropout = 0.1;
  settings.late = 0.2;
  settings.jitter = 1e-3;
  settings.seed = 7;
  int dropped = 0;
  int held_back = 0;
  double delay = 0;
  const int cycles = 20000;
  for (int k = cycles - 1; k >= 0; --k) {
    const auto fault = twin::fault_of(settings, 1, k);
    CHECK(fault.delay >= 0);
    CHECK(fault.delay < settings.jitter);
    delay += fault.delay;
    if (fault.fate == Fate::dropped) ++dropped;
    if (fault.fate == Fate::held_back) ++held_back;
    const auto again = twin::fault_of(settings, 1, k);
    CHECK(again.delay == fault.delay);
    CHECK(again.fate == fault.fate);
  }
  CHECK(dropped == doctest::Approx(0.1 * cycles).epsilon(0.05));
  CHECK(held_back == doctest::Approx(0.2 * cycles).epsilon(0.05));
  CHECK(delay == doctest::Approx(0.5e-3 * cycles).epsilon(0.05));

  int differ = 0;
  auto other = settings;
  other.seed = 8;
  for (int k = 0; k < 1000; ++k) {
    const auto fault = twin::fault_of(settings, 1, k);
    if (twin::fault_of(settings, 2, k).fate != fault.fate) ++differ;
    if (twin::fault_of(other, 1, k).fate != fault.fate) ++differ;
  }
  CHECK(differ > 400);
}

TEST_CASE("without faults nothing befalls an observation")
{
  for (int k = 0; k < 100; ++k) {
    const auto fault = twin::fault_of({}, 0, k);
    CHECK(fault.fate == Fate::published);
    CHECK(fault.delay == 0);
  }
}
