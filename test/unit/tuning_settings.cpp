// Who does what in a tuning, when ranks move, and what a run file says of it.

#include "couplers/tuning/conductor.hpp"
#include "couplers/tuning/report.hpp"
#include "couplers/tuning/settings.hpp"

#include <cardan/config.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace cardan;
using namespace cardan::tuning;

namespace {

Settings settings_of(const std::string& keys,
                     const std::string& space = "x = { low = 0.0, high = 1.0 }\n")
{
  const auto file = Config::from_text(
      "[run]\nseed = 3\n[tuning.t]\n" + keys + "[tuning.t.space]\n" + space, "run.toml");
  const auto settings = read_settings(file, "t");
  leave_to_others(file, "t");
  static_cast<void>(file.table("run").get<std::int64_t>("seed"));
  file.reject_unknown();
  return settings;
}

std::string refused(const std::string& keys,
                    const std::string& space = "x = { low = 0, high = 1 }\n")
{
  try {
    settings_of(keys, space);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const std::string& words)
{
  INFO(text);
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a conductor gives no rank two pieces, and a slot to one trial at a time")
{
  for (const std::string kind : {"asha", "halving", "random", "population"})
    for (const int ranks : {1, 2, 5}) {
      const auto settings = settings_of(
          "trials = 20\nslots = 3\nranks_per_trial = [1, 2]\nscheduler = { kind = \"" + kind +
          "\", eta = 2, max = 8 }\nmove = { begin = 1, first = 4, reuse = 2.0 }\n");
      Conductor conductor{settings, ranks};
      Answer answer;
      answer.simulates = answer.moves = true;
      for (int rank = 0; rank < ranks; ++rank) {
        CHECK(!conductor.deal());
        conductor.hello(rank, answer, 0);
      }
      std::deque<Work> under_way;
      std::vector<bool> busy(static_cast<std::size_t>(ranks), false);
      std::vector<std::set<int>> live(static_cast<std::size_t>(ranks));
      int turns = 0;
      while (!conductor.done()) {
        REQUIRE(++turns < 100000);
        while (auto work = conductor.deal()) {
          for (const int rank : work->ranks) {
            CHECK(!busy[static_cast<std::size_t>(rank)]);
            busy[static_cast<std::size_t>(rank)] = true;
          }
          under_way.push_back(std::move(*work));
        }
        if (under_way.empty()) continue;
        const Work work = under_way.front();
        under_way.pop_front();
        for (std::size_t r = 0; r < work.ranks.size(); ++r) {
          const int rank = work.ranks[r];
          busy[static_cast<std::size_t>(rank)] = false;
          Answer done;
          if (work.kind == Kind::simulate) {
            done.made = 1;
            conductor.simulated(rank, done, 1, turns);
            continue;
          }
          const TrainOrder order = TrainOrder::from(work.orders[r].numbers());
          CHECK(order.values == work.orders[r].values);
          CHECK(order.seed == work.orders[r].seed);
          auto& mine = live[static_cast<std::size_t>(rank)];
          for (const int slot : order.drops) mine.erase(slot);
          CHECK(mine.count(order.slot) == (order.entry == Entry::in_place ? 1 : 0));
          if (r == 0) mine.insert(order.slot);
          done.before = order.before;
          done.loss = order.values[0] + 1.0 / static_cast<double>(order.before + order.epochs);
          conductor.trained(rank, done, 1, turns);
        }
      }
      const TuningReport& report = conductor.finish(0, turns);
      CHECK(report.samples >= 4);
      CHECK(report.moves > 0);
      std::int64_t trained = 0;
      for (const auto& record : report.records) trained += record.piece;
      CHECK(report.total_epochs == trained);
      int best_rank = 0;
      const auto again = report_from(numbers_of(report, 2), best_rank);
      CHECK(best_rank == 2);
      CHECK(again.records.size() == report.records.size());
      CHECK(again.records.back().seconds == report.records.back().seconds);
      CHECK(again.values == report.values);
      CHECK(again.use.size() == report.use.size());
    }
}

TEST_CASE("ranks simulate while new samples are trained on often, and stop where it is enough")
{
  MoveSettings settings;
  settings.reuse = 10;
  settings.every = 4;
  settings.until = 1000;
  Movement movement{settings, 4};
  movement.simulated(100);
  for (int i = 0; i < 3; ++i) movement.trained(5, 1.0);
  CHECK(movement.wish(0) == 1);
  CHECK(movement.wish(1) == 0);
  for (int i = 0; i < 4; ++i) movement.simulated(200 + 100 * i);
  CHECK(movement.wish(1) == -1);
  CHECK(!movement.enough());
  movement.simulated(1000);
  CHECK(movement.enough());
  CHECK(movement.wish(2) == -1);
  CHECK(movement.wish(0) == 0);

  settings.until = 0;
  settings.gain = 0.1;
  Movement other{settings, 4};
  other.simulated(100);
  other.trained(1, 1.0);
  other.simulated(110);
  other.trained(1, 0.5);
  other.simulated(170);
  CHECK(!other.enough());
  other.trained(1, 0.49);
  other.simulated(300);
  CHECK(other.enough());
}

TEST_CASE("a space is read with its order, kinds and literals")
{
  const auto settings =
      settings_of("",
                  "model.hidden = { choices = [[8], [16, 16]] }\n"
                  "\"optimizer.rate\" = { low = 1e-4, high = 1e-1, log = true }\n"
                  "batch = { low = 8, high = 64, integer = true, log = true }\n"
                  "loss = { choices = [\"mse\", \"huber\"] }\nfour = { choices = [1, 2.5] }\n");
  const auto& all = settings.space.parameters;
  REQUIRE(all.size() == 5);
  std::map<std::string, Parameter> by_name;
  for (const auto& each : all) by_name[each.name] = each;
  CHECK(by_name.at("model.hidden").fixed);
  CHECK(!by_name.at("batch").fixed);
  CHECK(by_name.at("loss").words == std::vector<std::string>{"mse", "huber"});
  CHECK(by_name.at("four").words.empty());
  for (std::int64_t t = 0; t < 200; ++t) {
    const auto values = settings.space.draw(1, t);
    CHECK(values == settings.space.draw(1, t));
    for (std::size_t p = 0; p < all.size(); ++p) {
      const auto text = "[a]\nb = 1\nx = 0\n";
      const auto file = Config::from_text(
          with_values(text, {{{"a", "x"}, all[p].literal(values[p])}, {{"c", "d"}, "true"}}), "t");
      CHECK(file.table("a").get<int>("b") == 1);
      CHECK(file.table("c").get<bool>("d"));
      if (all[p].name == "model.hidden")
        CHECK(file.table("a").get<std::vector<std::int64_t>>("x").front() ==
              (values[p] == 0 ? 8 : 16));
      if (all[p].name == "optimizer.rate") {
        CHECK(file.table("a").get<double>("x") == values[p]);
        CHECK(values[p] >= 1e-4);
        CHECK(values[p] <= 1e-1);
      }
      if (all[p].name == "batch") CHECK(file.table("a").get<std::int64_t>("x") == values[p]);
      if (all[p].name == "loss")
        CHECK(file.table("a").get<std::string>("x") == (values[p] == 0 ? "mse" : "huber"));
      if (all[p].name == "four") CHECK(file.table("a").get<double>("x") == values[p]);
    }
  }
}

TEST_CASE("what a run file must not say")
{
  CHECK(refused("").empty());
  CHECK(says(refused("", ""), "nothing to be tuned"));
  CHECK(says(refused("", "x = 3\n"), "must be a table"));
  CHECK(says(refused("", "x = { low = 2, high = 1 }\n"), "must be above low"));
  CHECK(says(refused("", "x = { low = 0, high = 1, log = true }\n"), "must be positive"));
  CHECK(says(refused("", "x = { choices = [] }\n"), "at least one"));
  CHECK(says(refused("", "x = { low = 0.5, high = 2, integer = true }\n"), "must be whole"));
  CHECK(says(refused("scheduler = { kind = \"hyperband\" }\n"), "unknown"));
  CHECK(says(refused("scheduler = { eta = 1 }\n"), "at least 2"));
  CHECK(says(refused("scheduler = { min = 4, max = 2 }\n"), "at least min"));
  CHECK(says(refused("trails = 4\n"), "Did you mean 'trials'?"));
  CHECK(says(refused("trials = 1\nscheduler = { kind = \"population\" }\n"), "at least 2"));
  CHECK(says(refused("ranks_per_trial = [1, 0]\n"), "must be positive"));
}
