// What a run file says of a federation.
#include "couplers/federation/client.hpp"
#include "couplers/federation/settings.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace cardan;
using namespace cardan::federation;

namespace {

Settings read(const std::string& keys, const std::string& more = "")
{
  const Config file =
      Config::from_text(more + "[federation.f]\nmodel = { kind = \"mlp\" }\n" + keys, "run.toml");
  const Settings settings = read_settings(file, "f");
  leave_to_others(file, "f");
  file.table("run").ask_all("deterministic");
  file.reject_unknown();
  return settings;
}

std::string problem(const std::string& keys, const std::string& more = "")
{
  try {
    static_cast<void>(read(keys, more));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a federation without keys is plain federated averaging")
{
  const Settings settings = read("");
  CHECK(settings.name == "f");
  CHECK(settings.mode == Mode::sync);
  CHECK(settings.mu == 0);
  CHECK(settings.participation == 1);
  CHECK(settings.local.epochs == 1);
  CHECK(settings.local.batch == 0);
  CHECK(settings.normalise);
  CHECK(settings.clip == 0);
  CHECK(settings.compress.kind == CompressSettings::Kind::none);
}

TEST_CASE("keys of a federation")
{
  const Settings settings = read(
      "algorithm = \"fedprox\"\nmu = 0.3\nrounds = 7\nranks_per_silo = 2\nweights = "
      "\"equal\"\nparticipation = 0.5\ndeadline = \"2 s\"\nlocal = { steps = 3, batch = 16, "
      "optimiser "
      "= \"keep\" }\nclip = 2.0\nnoise = 1.5\ndelta = 1e-6\nunit = \"replace\"\ncompress = { kind "
      "= "
      "\"quantise\", bits = 4 }\n");
  CHECK(settings.mu == 0.3);
  CHECK(settings.rounds == 7);
  CHECK(settings.ranks_per_silo == 2);
  CHECK(settings.weights == Weights::equal);
  CHECK(settings.participation == 0.5);
  CHECK(settings.deadline == 2);
  CHECK(settings.local.steps == 3);
  CHECK(settings.local.batch == 16);
  CHECK(!settings.local.restart);
  CHECK(settings.clip == 2);
  CHECK(settings.noise == 1.5);
  CHECK(settings.delta == 1e-6);
  CHECK(settings.unit == Unit::replace);
  CHECK(settings.compress.bits == 4);
  // No noise hides joined sums: not unless the run file says so.
  CHECK(!settings.normalise);
  CHECK(read("clip = 1.0\nnoise = 1.0\nnormalise = true\n").normalise);
  const Settings late = read("mode = \"async\"\nstaleness = { kind = \"hinge\" }\n");
  CHECK(late.mode == Mode::async);
  CHECK(late.staleness.a == 10);
}

TEST_CASE("what cannot be is refused with its line")
{
  CHECK(says(problem("noise = 1.0\n"), "run.toml:3: noise = 1.0 (is in units of clip"));
  CHECK(says(problem("mu = 0.1\n"), "mu"));
  CHECK(says(problem("rounds = 0\n"), "run.toml:3: rounds = 0"));
  CHECK(says(problem("participation = 1.5\n"), "must be a share"));
  CHECK(says(problem("participation = 0.0\n"), "must be a share"));
  CHECK(says(problem("mode = \"async\"\nparticipation = 0.5\n"), "its own pace"));
  CHECK(says(problem("local = { steps = 2, epochs = 3 }\n"), "there are steps already"));
  CHECK(says(problem("compress = { kind = \"quantise\", bits = 1 }\n"), "at least 2"));
  CHECK(says(problem("compress = { kind = \"top_k\", bits = 4 }\n"), "bits"));
  CHECK(says(problem("delta = 1.0\n"), "below 1"));
  CHECK(says(problem("mode = \"async\"\n", "[run]\ndeterministic = true\n"), "deterministic"));
  CHECK(says(problem("algoritm = \"fedavg\"\n"), "algorithm"));
}

TEST_CASE("each round has its share of silos, and every silo has its rounds")
{
  for (const int silos : {1, 2, 5, 9})
    for (const double share : {0.05, 0.5, 0.6, 1.0}) {
      const int wanted = std::max(1, static_cast<int>(std::ceil(share * silos - 1e-9)));
      std::vector<int> rounds(static_cast<std::size_t>(silos), 0);
      for (int round = 0; round < 400; ++round) {
        int chosen = 0;
        for (int silo = 0; silo < silos; ++silo)
          if (takes_part(7, round, silo, silos, share)) {
            ++chosen;
            ++rounds[static_cast<std::size_t>(silo)];
          }
        CHECK(chosen == wanted);
      }
      for (const int each : rounds) CHECK(each > 400 * wanted / silos / 2);
    }
}

TEST_CASE("what the model fixes goes from rank to rank as text")
{
  const Facts facts{123456789012, Dtype::float64, 17, 4};
  const Facts back = Facts::from_text(facts.text());
  CHECK(back.weights == facts.weights);
  CHECK(back.dtype == facts.dtype);
  CHECK(back.tally_bytes() == 168);
  const auto sizes = record_sizes({10, Dtype::float32, 3, 0}, 25);
  CHECK(sizes == RecordSizes{40, 24, 25, 0});
  CHECK(moved(25) == 64 + 32);
}
