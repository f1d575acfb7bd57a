/// The twin "lorenz96": a filter around a one-scale model, whose error a network learns.
#pragma once

#include "ensemble.hpp"
#include "filter.hpp"
#include "increments.hpp"
#include "lorenz96.hpp"
#include "observation.hpp"
#include "options.hpp"
#include "sites.hpp"

#include <cardan/twin.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twin {

/// Steers the mean energy (half the mean square) by a change of the forcing:
/// gain * (target - energy of the analysis), at most `most`.
struct Control {
  double target = 0;
  double gain = 0;
  double most = 0;
};

/// `[twin.NAME.options]`.
struct ProcessSettings {
  FilterSettings filter;
  int members = 24;
  SiteSettings sites;
  /// Of so many cycles the first ones are analysed by a local filter: others do not find the truth
  /// from a climate's spread with few members.
  int warm_up = 100;
  /// The largest deviation of the members at a site: about the climate's.
  double most_spread = 4;
  /// The forcing that the twin believes in.
  double forcing = 8;
  /// Corrects each member by its own error (else all by the mean's).
  bool each_member = true;
  Control control;
};

/// Throws with file and line.
ProcessSettings read_process(const cardan::Config& options, const Problem& problem);

/// What asset ranks publish, `slots` sites each; and what they get back.
cardan::Features observation_fields(std::int64_t slots);
cardan::Features answer_fields(const Problem& problem);
/// Of the answer's last field. All are finite; without a network they are 0.
struct Note {
  double trusted = 0;
  double trained_steps = 0;
  double loss = 0;
  double version = 0;
};

class Process : public cardan::TwinProcess {
 public:
  Process(const ProcessSettings& settings, const Problem& problem,
          const cardan::Signature& signature, const cardan::TwinPlace& place);

  [[nodiscard]] std::optional<cardan::Signature> learns() const override;
  void use(cardan::TwinModel& model) override { network_ = &model; }
  void cycle(const cardan::TwinCycle& cycle, std::byte* const* answer) override;

 private:
  void start();
  /// What has come, of all asset ranks; and the control that was in force.
  Observation read(const cardan::TwinCycle& cycle);
  void assimilate(const Observation& observation, std::int64_t cycle);
  void limit_spread();
  void judge(const Observation& observation);
  /// One interval, with the correction where it is trusted.
  void forecast();
  /// The rates that the model lacks, by the network, for this rank's members; false: it has none.
  bool find_rates();
  void fill(std::byte* const* answer, std::int64_t cycle);

  ProcessSettings settings_;
  Problem problem_;
  cardan::TwinPlace place_;
  std::int64_t slots_;
  std::size_t size_;
  Lorenz96 model_;
  int steps_ = 1;
  std::unique_ptr<Filter> filter_;
  std::unique_ptr<Filter> first_filter_;
  std::int64_t analyses_ = 0;
  Ensemble ensemble_;
  Ensemble rates_;
  Increments increments_;
  cardan::TwinModel* network_ = nullptr;
  /// The cycle that the ensemble is a forecast for; -1: not started.
  std::int64_t now_ = -1;
  double control_ = 0;
  bool corrected_ = false;
  bool have_rates_ = false;
  std::vector<double> analysis_;
  std::vector<double> forecast_;
  std::vector<double> spread_;
  /// The forecast's mean without a correction, with it, and the mean rates.
  std::vector<double> bare_;
  std::vector<double> with_;
  std::vector<double> mean_rates_;
};

/// Makes "lorenz96" known; `problem` is borrowed, and looked at when a session makes its twin. To
/// be called once, on all ranks.
void register_process(const Problem& problem);

}  // namespace twin
