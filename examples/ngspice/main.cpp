// Tries many designs of a rectifier: a model learns from those that ngspice simulates, and answers
// for the others where it can be trusted. The last designs are done by both.
//
//   mpirun -n 3 rectifier rectifier.toml                                    2 ranks try, 1 learns
//   mpirun -n 2 rectifier rectifier.toml : -n 1 cardan-ml rectifier.toml    the same, by program
#include "comparison.hpp"
#include "rectifier.hpp"

#include <cardan/cardan.hpp>

#include <filesystem>
#include <random>
#include <vector>

namespace {

/// Designs at random, each number between two bounds.
class Designs {
 public:
  Designs(const cardan::Config& table, std::uint64_t seed) : random_(seed)
  {
    for (const char* name : {"amplitude", "resistance", "capacitance", "load"}) {
      const auto bounds = table.get<std::vector<double>>(name);
      if (bounds.size() != 2 || bounds[0] >= bounds[1])
        throw table.error(name, "must be two numbers, the smaller one first");
      numbers_.emplace_back(bounds[0], bounds[1]);
    }
  }
  void draw(std::vector<Design>& designs)
  {
    for (auto& design : designs)
      for (std::size_t i = 0; i < design.size(); ++i) design[i] = numbers_[i](random_);
  }

 private:
  std::mt19937_64 random_;
  std::vector<std::uniform_real_distribution<double>> numbers_;
};

void simulate(cardan::Session& session)
{
  const MPI_Comm comm = session.comm();
  const auto table = session.config("rectifier");
  const auto trust = session.config("surrogate").table("response").table("trust");
  const auto steps = table.get<std::int64_t>("steps");
  const auto held_out = table.get<std::int64_t>("held_out");
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  Designs random{table, static_cast<std::uint64_t>(1000 * session.seed() + rank)};
  std::vector<Design> designs(static_cast<std::size_t>(table.get<std::int64_t>("batch")));
  std::vector<Response> responses(designs.size());
  // The netlist lies beside the run file.
  const auto folder = std::filesystem::path(table.name()).parent_path();
  Rectifier rectifier{folder / table.get<std::string>("netlist")};

  auto model = session.surrogate("response");
  const auto count = static_cast<std::int64_t>(designs.size());
  const cardan::Field in{designs.front().data(), {count, 4}};
  const cardan::Field out{responses.front().data(), {count, 2}};
  std::vector<bool> trusted(designs.size());
  const auto tolerance = trust.get<std::vector<double>>("tolerance");
  Comparison comparison{{tolerance.at(0), tolerance.at(1)}};
  for (const auto step : session.steps(steps + held_out)) {
    random.draw(designs);
    const auto answer = model.predict({{"design", in}}, {{"response", out}});
    trusted.assign(designs.size(), true);
    for (const auto i : answer.untrusted()) trusted[static_cast<std::size_t>(i)] = false;
    const bool compares = step >= steps;
    for (std::size_t i = 0; i < designs.size(); ++i) {
      if (trusted[i] && !compares) continue;
      const Response truth = rectifier.run(designs[i]);
      if (compares) comparison.add(truth, trusted[i] ? &responses[i] : nullptr);
      responses[i] = truth;
    }
    // The designs that both do are new to the model, and stay so.
    if (!compares) model.observe({{"design", in}}, {{"response", out}}, answer.untrusted());
  }
  const auto& counters = model.counters();
  comparison.print(comm, counters.asked - held_out * count, counters.observed);
}

}  // namespace

int main(int argc, char** argv)
{
  return cardan::run(argc, argv, simulate);
}
