// Federations as a simulation sees them: opened from a session, with networks of the run file's.
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

using namespace cardan;

namespace {

/// Where silos have seen other parts of one function: y = sin(3 x).
struct Part {
  std::vector<double> x;
  std::vector<double> y;
  Part(double low, double high, unsigned seed)
  {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> anywhere(low, high);
    for (int i = 0; i < 200; ++i) {
      x.push_back(anywhere(random));
      y.push_back(std::sin(3 * x.back()));
    }
  }
};

std::string text_of(const std::string& keys, const std::string& training, int ml)
{
  return "[run]\nquiet = true\nseed = 5\ndeadline = \"60 s\"\n[ranks]\nml = { count = " +
         std::to_string(ml) +
         " }\n[federation.f]\nmodel = { kind = \"mlp\", hidden = [16], members = 1 }\n" + keys +
         "[training.f]\n" + training;
}

std::string refusal(const std::string& text)
{
  const test::RunFile file{MPI_COMM_WORLD, "federation_session", text};
  Session session{MPI_COMM_WORLD, file.name()};
  try {
    if (session.serves()) {
      static_cast<void>(session.serve());
      // What the simulation finds before it opens anything, it does not tell.
      return "nothing was asked for";
    }
    static_cast<void>(
        session.federation("f", {{"x", Dtype::float64, {}}}, {{"y", Dtype::float64, {}}}));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("silos that have seen parts of a function learn all of it together")
{
  const int ranks = test::world_size();
  const int ml = ranks > 1 ? 1 : 0;
  const int silos = ranks - ml;
  const test::RunFile file{MPI_COMM_WORLD, "federation_session",
                           text_of("rounds = 60\nlocal = { steps = 5, batch = 32 }\n",
                                   "optimizer = { kind = \"adam\", rate = 1e-2 }\n", ml)};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto federation =
      session.federation("f", {{"x", Dtype::float64, {}}}, {{"y", Dtype::float64, {}}});
  CHECK(federation.silos() == silos);
  const double width = 2.0 / silos;
  const Part mine{-1 + width * federation.silo(), -1 + width * (federation.silo() + 1),
                  static_cast<unsigned>(federation.silo())};
  const Part all{-1, 1, 99};
  federation.observe({{"x", mine.x}}, {{"y", mine.y}});
  federation.hold_out({{"x", all.x}}, {{"y", all.y}});
  FederationRound last;
  while (!last.last) last = federation.round();
  CHECK(federation.rounds().size() == 60);
  CHECK(last.validation_loss < 0.06);
  CHECK(last.validation_loss < federation.rounds().front().validation_loss / 5);
  CHECK(last.moved_bytes == (ml > 0 ? 64 + 4 * (16 + 16 + 16 + 1) + 4 : 0));

  // All silos hold the same model, and the file has it.
  std::vector<double> answers(all.x.size());
  federation.predict({{"x", all.x}}, {{"y", answers}});
  std::vector<double> first = answers;
  MPI_Bcast(first.data(), static_cast<int>(first.size()), MPI_DOUBLE, 0, session.comm());
  CHECK(first == answers);
  double error = 0;
  for (std::size_t i = 0; i < answers.size(); ++i)
    error = std::max(error, std::abs(answers[i] - all.y[i]));
  CHECK(error < 0.5);
  if (federation.silo() == 0) {
    const std::string path = "federation_session_" + std::to_string(ranks) + ".pt";
    federation.save(path);
    CHECK(std::remove(path.c_str()) == 0);
  }
}

TEST_CASE("what cannot be joined is refused by all, with its line")
{
  const int ml = test::world_size() > 1 ? 1 : 0;
  const auto says = [&](const std::string& keys, const std::string& training, const char* part) {
    const std::string why = refusal(text_of(keys, training, ml));
    CAPTURE(why);
    CHECK((why.find(part) != std::string::npos || why == "nothing was asked for"));
  };
  says("", "optimizer = { average = 0.9 }\n", "published as they are trained");
  says("", "last_layer = \"least_squares\"\n", "published as they are trained");
  says("", "batch = 3\n", "batch");
}

TEST_CASE("a kind without gradients cannot be federated")
{
  const int ml = test::world_size() > 1 ? 1 : 0;
  std::string text = text_of("", "", ml);
  const std::string mlp = "\"mlp\", hidden = [16], members = 1";
  text.replace(text.find(mlp), mlp.size(), "\"linear\"");
  CHECK(refusal(text).find("trained by gradients") != std::string::npos);
}
