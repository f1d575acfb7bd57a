/// One federation, or what it is compared with: a session of its own.
#pragma once

#include "regression.hpp"
#include "samples.hpp"
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace federate {

/// What one session is to do.
struct Plan {
  /// `alone`: silos without ML ranks, each on its own data. `pooled`: one that has all the data.
  enum class Kind { federated, alone, pooled };
  Kind kind = Kind::federated;
  /// Unique; and the method that it is of, and its [federation.TABLE].
  std::string name;
  std::string method;
  std::string table;
  std::string problem;
  std::string run_file;
  /// Where its session leaves run.json.
  std::string folder;
  std::int64_t seed = 0;
  /// To choose settings by, not to be compared.
  bool sweeps = false;
  std::int64_t rounds = 0;
  std::int64_t local_steps = 0;
  std::int64_t batch = 0;
  double rate = 0;
  std::optional<double> mu;
  std::optional<double> clip;
  std::optional<double> noise;
  std::optional<std::string> compress;
  /// Of a session whose ML ranks are one kind of many: how many silos those were.
  int silos = 0;

  [[nodiscard]] std::int64_t steps_of_a_round() const
  {
    return kind == Kind::pooled ? local_steps * silos : local_steps;
  }
};

/// The rounds of one silo: for each column of `round_columns` its values.
struct Rounds {
  std::vector<std::vector<double>> columns;
  [[nodiscard]] const std::vector<double>& of(const std::string& column) const;
  [[nodiscard]] double last(const std::string& column) const;
  [[nodiscard]] double sum(const std::string& column) const;
};
const std::vector<std::string>& round_columns();

/// What came of it.
struct Outcome {
  Plan plan;
  int ml_ranks = 0;
  std::vector<Rounds> silos;
  /// For each silo's model its errors in each regime: root mean square over that of the answers.
  std::vector<std::vector<double>> errors;
  /// The same of a simulation with the model in it, over the error of one without; empty where the
  /// problem has none.
  std::vector<std::vector<double>> run_errors;
  /// Of linear regression: the first silo's model.
  Line line;
  /// Mean of the silos' last ones.
  double global_loss = 0;
  double held_out_loss = 0;
  double seconds = 0;
  std::string ml_library;
};

/// What to tell while it runs: round, held-out loss of the first silo.
using Told = std::function<void(std::int64_t round, double loss)>;

/// The data of all regimes as each process simulates it, once.
class World {
 public:
  World(const std::string& problem, std::uint64_t seed) : name_(problem), seed_(seed) {}
  /// So many silos; only the first call counts.
  void open(int silos);
  /// 0 before it is opened.
  [[nodiscard]] int silos() const { return problem_ ? problem_->silos() : 0; }
  [[nodiscard]] const Problem& problem() const { return *problem_; }
  [[nodiscard]] const Samples& samples(int silo, Part part);

 private:
  std::string name_;
  std::uint64_t seed_;
  std::unique_ptr<Problem> problem_;
  std::map<std::pair<int, Part>, Samples> data_;
};

/// Collective over MPI_COMM_WORLD and blocking; ML ranks serve. Empty but on the first simulation
/// rank. Throws where the session does; one rank's error is local to it.
std::optional<Outcome> run_plan(const Plan& plan, World& world, const Told& told);

}  // namespace federate
