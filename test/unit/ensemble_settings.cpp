// What a run file says of an ensemble, what is wrong with it, and who runs which member.
#include "couplers/ensemble/frame.hpp"
#include "couplers/ensemble/settings.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

using cardan::Config;
using namespace cardan::ensemble;

namespace {

EnsembleSettings settings(const std::string& text)
{
  const Config file = Config::from_text(text, "run.toml");
  const auto read = read_ensemble(file, "water");
  leave_to_module(file, "water");
  file.reject_unknown();
  return read;
}

std::string refusal(const std::string& text)
{
  try {
    static_cast<void>(settings(text));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every key has a default")
{
  const auto read = settings("[ensemble.water]\n");
  CHECK(read.name == "water");
  CHECK(read.members == 8);
  CHECK(read.mode == Mode::novelty);
  CHECK(read.score == Score::nearest);
  CHECK(read.neighbours == 1);
  CHECK_FALSE(read.barrier);
  CHECK_FALSE(read.has_model);
}

TEST_CASE("what is written is read")
{
  const auto read = settings(R"([ensemble.water]
members = 12
ranks_per_member = 2
barrier = true
deadline = "250 ms"
max_age = 3
late = "apply"
mode = "resample"
window = 100
restarts = 0.25
space = "latent"
scale = "deviation"
score = "lof"
spacing = 0.5
lag = 2
model = { kind = "autoencoder", latent = 2 }
retrain = { every = 64, steps = 10, batch = 32 }
resample = { bins = [4, 5], lower = [0, 0], upper = [1, 2] }
swarm = { patience = 7, fresh = 0.5 }
[training.water]
optimizer = { rate = 1e-2 }
)");
  CHECK(read.members == 12);
  CHECK(read.ranks_per_member == 2);
  CHECK(read.barrier);
  CHECK(read.deadline == doctest::Approx(0.25));
  CHECK(read.max_age == 3);
  CHECK(read.apply_late);
  CHECK(read.mode == Mode::resample);
  CHECK(read.space == Space::latent);
  CHECK(read.scale == Scale::deviation);
  CHECK(read.score == Score::lof);
  CHECK(read.neighbours == 20);
  CHECK(read.spacing == 0.5);
  CHECK(read.lag == 2);
  CHECK(read.has_model);
  CHECK(read.retrain.warmup == 64);
  CHECK(read.retrain.first == 100);
  CHECK(read.resample.bins == std::vector<std::int64_t>{4, 5});
  CHECK(read.swarm.patience == 7);
}

TEST_CASE("what is wrong is named with its line")
{
  CHECK(refusal("[ensemble.water]\nmembers = 0\n").find("run.toml:2: members = 0") == 0);
  CHECK(refusal("[ensemble.water]\nscore = \"eror\"\n").find("'error'") != std::string::npos);
  CHECK(refusal("[ensemble.water]\nspace = \"latent\"\n").find("needs a model") !=
        std::string::npos);
  CHECK(refusal("[ensemble.water]\nlag = 2\n").find("run.toml:2") == 0);
  CHECK(refusal("[ensemble.water]\nrestarts = 1.5\n").find("run.toml:2") == 0);
  CHECK(refusal("[ensemble.water]\nwindow = 7\n").find("run.toml:2") == 0);
  CHECK(refusal("[ensemble.water]\nfull = \"drop\"\nbarrier = true\n").find("run.toml:2") == 0);
  CHECK(refusal("[ensemble.water]\nresample = { bins = [2], lower = [1], upper = [1] }\n")
            .find("above lower") != std::string::npos);
  CHECK(refusal("[ensemble.water]\nmembres = 4\n").find("'members'") != std::string::npos);
}

TEST_CASE("members are dealt to teams in blocks that differ by one at most")
{
  for (int members = 1; members <= 20; ++members)
    for (int ranks_per_member = 1; ranks_per_member <= 3; ++ranks_per_member)
      for (int ranks = ranks_per_member; ranks <= 11; ++ranks) {
        const Deal deal{members, ranks_per_member, ranks};
        std::vector<int> all;
        std::size_t least = 1000;
        std::size_t most = 0;
        for (int team = 0; team < deal.teams(); ++team) {
          const auto mine = deal.members_of(team);
          least = std::min(least, mine.size());
          most = std::max(most, mine.size());
          for (const int member : mine) {
            CHECK(deal.team_of(member) == team);
            for (int part = 0; part < ranks_per_member; ++part) {
              const int rank = deal.rank_of(member, part);
              CHECK(deal.team(rank) == team);
              CHECK(deal.part(rank) == part);
            }
          }
          all.insert(all.end(), mine.begin(), mine.end());
        }
        std::vector<int> expected(static_cast<std::size_t>(members));
        std::iota(expected.begin(), expected.end(), 0);
        CHECK(all == expected);
        CHECK(most - least <= 1);
      }
  CHECK(Deal{4, 2, 5}.team(4) == -1);
}

TEST_CASE("reports and decisions have the fields that their enumerations count")
{
  const cardan::EnsembleShape shape{3, 7};
  const auto report = report_fields(shape);
  REQUIRE(report.size() == 4);
  CHECK(report[descriptor_field].numbers() == 3);
  CHECK(report[state_field].numbers() == 7);
  const auto decision = decision_fields(shape);
  REQUIRE(decision.size() == 7);
  CHECK(decision[restart_field].numbers() == 7);
  CHECK(decision[weight_field].name == "weight");
}
