// Which ranks simulate, infer and train.
#include "session/roles.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

using cardan::Config;

namespace {

/// What `[ranks]` says, and the file that it says it in.
struct Said {
  explicit Said(const std::string& ranks)
      : file(Config::from_text("[ranks]\n" + ranks + "\n", "reactor.toml")),
        share(cardan::read_share(file))
  {}
  /// The ML ranks, given each rank's node, as a word of `s` and `m`.
  [[nodiscard]] std::string ml(const std::vector<int>& nodes) const
  {
    std::string word;
    for (const bool each : cardan::choose_ml_ranks(share, nodes, file)) word += each ? 'm' : 's';
    return word;
  }
  /// The roles of ranks that were chosen so, as a word of `s`, `i`, `t` and `b` (both).
  [[nodiscard]] std::string roles(const std::string& chosen) const
  {
    std::vector<bool> flags;
    for (const char each : chosen) flags.push_back(each == 'm');
    std::string word;
    for (const auto& each : cardan::assign_roles(flags, share, file)) {
      CHECK(each.simulation != each.ml());
      word += each.simulation                   ? 's'
              : each.inference && each.training ? 'b'
              : each.training                   ? 't'
                                                : 'i';
    }
    return word;
  }

  Config file;
  cardan::MlShare share;
};

std::vector<int> one_node(int ranks)
{
  return std::vector<int>(static_cast<std::size_t>(ranks), 0);
}

template <class Work>
std::string message(Work&& work)
{
  try {
    static_cast<void>(work());
  } catch (const cardan::Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a count takes the last ranks")
{
  const Said said{"ml = { count = 2 }"};
  CHECK(said.ml(one_node(5)) == "sssmm");
  CHECK(said.ml(one_node(3)) == "smm");
  CHECK(said.ml({0, 0, 1, 1, 2}) == "sssmm");
  CHECK(Said{"ml = { count = 0 }"}.ml(one_node(1)) == "s");
}

TEST_CASE("nothing said is no ML rank")
{
  CHECK(Said{""}.ml(one_node(3)) == "sss");
}

TEST_CASE("a fraction is rounded, and is at least one rank where there are two")
{
  const Said quarter{"ml = { fraction = 0.25 }"};
  CHECK(quarter.ml(one_node(8)) == "ssssssmm");
  CHECK(quarter.ml(one_node(7)) == "sssssmm");
  CHECK(quarter.ml(one_node(2)) == "sm");
  CHECK(quarter.ml(one_node(1)) == "s");
  CHECK(Said{"ml = { fraction = 0.01 }"}.ml(one_node(3)) == "ssm");
  CHECK(Said{"ml = { fraction = 0 }"}.ml(one_node(3)) == "sss");
}

TEST_CASE("per_node takes the last ranks of each node, wherever a node's ranks are")
{
  const Said one{"ml = { per_node = 1 }"};
  CHECK(one.ml({0, 0, 0, 1, 1, 1}) == "ssmssm");
  CHECK(one.ml({0, 1, 0, 1, 0, 1}) == "ssssmm");
  CHECK(one.ml({4, 4, 9}) == "smm");
  const Said two{"ml = { per_node = 2 }"};
  CHECK(two.ml({0, 0, 0, 1, 1, 1, 2, 2, 2}) == "smmsmmsmm");
}

TEST_CASE("a node with fewer ranks than it should have ML ranks gives what it has")
{
  const Said two{"ml = { per_node = 2 }"};
  // Node 1 has one rank only: three of five ranks, the second node's among them.
  CHECK(two.ml({0, 0, 0, 0, 1}) == "ssmmm");
  CHECK(two.ml({0, 0, 0, 1}) == "smmm");
}

TEST_CASE("somebody has to simulate")
{
  const auto refused = [](const std::string& ranks, const std::vector<int>& nodes) {
    return message([&] { return Said{ranks}.ml(nodes); });
  };
  CHECK(refused("ml = { count = 4 }", one_node(3)) ==
        "reactor.toml:2: ml = { ... } (4 ML ranks leave none of 3 ranks to simulate). "
        "Start more ranks or ask for fewer ML ranks.");
  CHECK(refused("ml = { count = 3 }", one_node(3)).find("leave none of 3 ranks") !=
        std::string::npos);
  CHECK(refused("ml = { per_node = 1 }", {0, 1, 2}).find("3 ML ranks leave none of 3") !=
        std::string::npos);
  CHECK(refused("ml = { fraction = 0.9 }", one_node(2)).find("2 ML ranks leave none of 2") !=
        std::string::npos);
}

TEST_CASE("what [ranks] says wrongly is told with its line")
{
  const auto refused = [](const std::string& ranks) {
    return message([&] { return Said{ranks}; });
  };
  CHECK(refused("ml = { count = -1 }").find("reactor.toml:2: count = -1 (must not be negative)") ==
        0);
  CHECK(refused("ml = { fraction = 1.0 }").find("must be at least 0 and below 1") !=
        std::string::npos);
  CHECK(refused("ml = { count = 1, fraction = 0.5 }")
            .find("exactly one of count, fraction and per_node") != std::string::npos);
  CHECK(refused("ml = { per_nod = 1 }").find("Did you mean 'per_node'?") != std::string::npos);
  CHECK(refused("ml = 2").find("must be a table") != std::string::npos);
  CHECK(refused("training = 0").find("at least one ML rank must train") != std::string::npos);
}

TEST_CASE("half of the ML ranks train, rounded up; the only one does both")
{
  const Said said{""};
  CHECK(said.roles("ss") == "ss");
  CHECK(said.roles("sm") == "sb");
  CHECK(said.roles("smm") == "sit");
  CHECK(said.roles("ssmmm") == "ssitt");
  CHECK(said.roles("mmsmm") == "iistt");
}

TEST_CASE("[ranks] training says how many train; all of them do both where all train")
{
  CHECK(Said{"training = 1"}.roles("smmm") == "siit");
  CHECK(Said{"training = 2"}.roles("smmm") == "sitt");
  CHECK(Said{"training = 3"}.roles("smmm") == "sbbb");
  CHECK(Said{"training = 2"}.roles("ss") == "ss");
  CHECK(message([] {
          return Said{"training = 4"}.roles("smm");
        }).find("reactor.toml:2: training = 4 (there are 2 ML ranks)") == 0);
}
