// What is kept of decisions that steer: rows and reasons, as text and in the file, with a coupler's
// own columns.
#include "provenance/steering_log.hpp"
#include "provenance/decision_file.hpp"

#include <cardan/archive.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace cardan;
using namespace cardan::provenance;

namespace {

constexpr const char* path = "steering_log_test.h5";

SteeringRecord record_of(std::int64_t id, std::string_view reason)
{
  SteeringRecord record;
  record.loop = 1;
  record.step = 10 + id;
  record.stamp = {id, 3, 9, 1 + id, 7, 0.5, 0.25, reason};
  record.applied = id != 2;
  record.late = id > 1;
  record.superseded = 4;
  return record;
}

/// Two decisions in a log with two columns of its own and, or not, the decision's field.
SteeringLog filled(bool answers)
{
  const Features decision{{"where", Dtype::float32, {2}}};
  SteeringLog log{"ensemble",
                  "walkers",
                  5,
                  {{"member"}, {"score", Column::Type::number}},
                  answers ? decision : Features{},
                  8};
  for (std::int64_t id = 1; id <= 2; ++id) {
    const std::array<float, 2> where{static_cast<float>(id), -1.5F};
    const auto* column = reinterpret_cast<const std::byte*>(where.data());
    const std::array<Word, 2> extra{Word{40 + id}, Word{0.125}};
    log.record(record_of(id, id == 1 ? "far \"out\"\n" : ""), extra, &column);
  }
  return log;
}

}  // namespace

TEST_CASE("a line of text for each decision, with its reason")
{
  const SteeringLog log = filled(false);
  std::string text;
  log.lines(text);
  CHECK(
      text ==
      R"({"decision": "ensemble", "ensemble": "walkers", "loop": 1, "step": 11, "rank": 5, "id": 1, )"
      R"("decider": 3, "from_step": 9, "age_steps": 2, "version": 7, "latency_seconds": 0.5, )"
      R"("work_seconds": 0.25, "late": 0, "applied": 1, "superseded": 4, "member": 41, )"
      R"("score": 0.125, "reason": "far \"out\"\u000a"})"
      "\n"
      R"({"decision": "ensemble", "ensemble": "walkers", "loop": 1, "step": 12, "rank": 5, "id": 2, )"
      R"("decider": 3, "from_step": 9, "age_steps": 3, "version": 7, "latency_seconds": 0.5, )"
      R"("work_seconds": 0.25, "late": 1, "applied": 0, "superseded": 4, "member": 42, )"
      R"("score": 0.125, "reason": ""})"
      "\n");
}

TEST_CASE("the longest reason is cut, and a latency that nobody knows is null")
{
  SteeringLog log{"steering", "s", 0, {}, {}, 1};
  auto record = record_of(1, std::string_view{});
  const std::string reason(80, 'r');
  record.stamp.reason = reason;
  record.stamp.latency = std::numeric_limits<double>::quiet_NaN();
  log.record(record, {}, nullptr);
  std::string text;
  log.lines(text);
  CHECK(text.find("\"latency_seconds\": null") != std::string::npos);
  CHECK(text.find("\"" + std::string(63, 'r') + "\"") != std::string::npos);
}

TEST_CASE("the file has rows, reasons and, where they are asked for, the fields")
{
  for (const bool answers : {false, true}) {
    SteeringLog log = filled(answers);
    // 15 columns of 8 bytes, 64 of the reason, 8 of the field.
    CHECK(log.pending() == 2 * (15 * 8 + 64 + (answers ? 8 : 0)));
    {
      DecisionFile file{MPI_COMM_SELF, path, DecisionFile::Mode::create};
      log.write(file, MPI_COMM_SELF);
      log.clear();
      CHECK(log.pending() == 0);
      log.write(file, MPI_COMM_SELF);
      CHECK(file.rows("ensemble/walkers/decisions/step") == 2);
      CHECK(file.rows("ensemble/walkers/reasons") == 2);
      CHECK(file.rows("ensemble/walkers/fields/where") == (answers ? 2 : 0));
      file.close();
    }
    Archive file{MPI_COMM_SELF, path, Archive::Mode::read};
    const auto all = [](const Extents& shape) {
      return Box{shape, Extents::filled(shape.rank(), 0), shape};
    };
    std::vector<std::int64_t> members(2);
    file.read("ensemble/walkers/decisions/member", Field{members}.in(all({2})));
    CHECK(members == std::vector<std::int64_t>{41, 42});
    std::vector<std::uint8_t> reasons(128);
    file.read("ensemble/walkers/reasons", Field{reasons, {2, 64}}.in(all({2, 64})));
    CHECK(std::string{reinterpret_cast<const char*>(reasons.data())} == "far \"out\"\n");
    CHECK(reasons[64] == 0);
    if (!answers) continue;
    std::vector<float> where(4);
    file.read("ensemble/walkers/fields/where", Field{where, {2, 2}}.in(all({2, 2})));
    CHECK(where == std::vector<float>{1, -1.5F, 2, -1.5F});
  }
  std::remove(path);
}
