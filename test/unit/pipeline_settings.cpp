// What a run file says of a pipeline.
#include "couplers/pipeline/settings.hpp"

#include <cardan/config.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace cardan;
using pipeline::PromoteSettings;

namespace {

pipeline::Settings settings_of(const std::string& text)
{
  const auto file = Config::from_text(text, "run.toml");
  const auto settings = pipeline::read_settings(file, "p");
  pipeline::leave_to_others(file, "p");
  file.reject_unknown();
  return settings;
}

std::string with(const std::string& keys, const std::string& stages = "")
{
  return "[pipeline.p]\ncandidates = 10\nstages = [\"a\", \"b\", \"c\"]\n" + keys + stages;
}

bool says(const std::string& text, const std::string& words)
{
  std::string said;
  try {
    settings_of(text);
  } catch (const Error& error) {
    said = error.what();
  }
  CAPTURE(said);
  return said.find("run.toml:") == 0 && said.find(words) != std::string::npos;
}

const std::string model = "[pipeline.p.stage.a]\nmodel = { kind = \"linear\" }\n";

}  // namespace

TEST_CASE("a pipeline needs its candidates and stages")
{
  const auto settings = settings_of(with(""));
  CHECK(settings.candidates == 10);
  CHECK(settings.stages == std::vector<std::string>{"a", "b", "c"});
  CHECK(settings.last() == 2);
  CHECK(!settings.has_model());
  CHECK(settings.labels == -1);
  CHECK(!settings.has_budget());
  for (const auto& stage : settings.stage) {
    CHECK(stage.promote.kind == PromoteSettings::Kind::all);
    CHECK(stage.queue == 64);
    CHECK(stage.ranks == 0);
  }
  CHECK(settings.stage[0].reconsider == 0);
  CHECK(settings.stage[1].reconsider == 1);
  CHECK(says("[pipeline.p]\nstages = [\"a\"]\n", "candidates"));
  CHECK(says("[pipeline.p]\ncandidates = 1\n", "stages"));
  CHECK(says("[pipeline.p]\ncandidates = 1\nstages = []\n", "one at least"));
  CHECK(says("[pipeline.p]\ncandidates = 1\nstages = [\"a\", \"a\"]\n", "twice"));
  CHECK(says(with("", "[pipeline.p.stage.d]\nqueue = 3\n"), "unknown"));
}

TEST_CASE("each stage says how candidates leave it")
{
  const auto settings = settings_of(
      with("",
           "[pipeline.p.stage.a]\npromote = { kind = \"score\", spread = 1.5 }\n"
           "[pipeline.p.stage.b]\npromote = { kind = \"random\", share = 0.25 }\nqueue = 3\n"
           "batch = 2\nranks = 4\nreconsider = 0.5\n"));
  CHECK(settings.stage[0].promote.kind == PromoteSettings::Kind::score);
  CHECK(settings.stage[0].promote.spread == 1.5);
  CHECK(settings.stage[0].promote.least == 0.5);
  CHECK(settings.stage[0].promote.most == 2.5);
  CHECK(settings.stage[1].promote.kind == PromoteSettings::Kind::random);
  CHECK(settings.stage[1].promote.share == 0.25);
  CHECK(settings.stage[1].queue == 3);
  CHECK(settings.stage[1].batch == 2);
  CHECK(settings.stage[1].ranks == 4);
  CHECK(settings.stage[1].reconsider == 0.5);
  const auto refused = [](const std::string& keys, const std::string& words) {
    return says(with("", "[pipeline.p.stage.a]\n" + keys), words);
  };
  CHECK(refused("promote = { kind = \"best\" }\n", "share"));
  CHECK(refused("promote = { kind = \"best\", share = 2 }\n", "share"));
  CHECK(refused("promote = { kind = \"bets\", share = 0.2 }\n", "best"));
  CHECK(refused("promote = { kind = \"score\", least = 2 }\n", "above spread"));
  CHECK(refused("promote = { kind = \"score\", most = 0.5 }\n", "below spread"));
  CHECK(refused("promote = { kind = \"all\", share = 0.2 }\n", "unknown"));
  CHECK(refused("queue = 0\n", "positive"));
  CHECK(refused("batch = 0\n", "positive"));
  CHECK(refused("reconsider = -1\n", "share"));
}

TEST_CASE("a model is the first stage's, and learns a later one's score")
{
  const auto settings = settings_of(with("labels = \"b\"\ntrain = { every = 10 }\n", model));
  CHECK(settings.has_model());
  CHECK(settings.labels == 1);
  CHECK(settings.train.warmup == 10);
  CHECK(settings.drift.threshold == 20);
  CHECK(settings_of(with("", model)).labels == 2);
  CHECK(says(with("labels = \"a\"\n", model), "behind the model"));
  CHECK(says(with("", "[pipeline.p.stage.b]\nmodel = { kind = \"linear\" }\n"), "first"));
  CHECK(says("[pipeline.p]\ncandidates = 3\nstages = [\"a\"]\n" + model, "no stage that labels"));
  CHECK(says(with("drift = { reference = 1 }\n", model), "two at least"));
  // Nothing is trained without a model.
  CHECK(says(with("train = { every = 10 }\n"), "unknown"));
}

TEST_CASE("what cannot be is refused with its line")
{
  CHECK(says(with("budget = -1\n"), "negative"));
  CHECK(says(with("depth = 17\n"), "16"));
  CHECK(says(with("depth = 0\n"), "positive"));
  CHECK(says(with("settle = \"0 s\"\n"), "settle"));
  CHECK(says(with("margin = -0.1\n"), "negative"));
  CHECK(says(with("\n[run]\ndeterministic = true\n"), "deterministic"));
}
