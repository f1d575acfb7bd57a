// Trials whose losses follow synthetic curves towards a function's value: what a scheduler does is
// seen without any training's noise, or with one that is known.

#include "episode.hpp"
#include "functions.hpp"

#include <cardan/session.hpp>

#include <chrono>
#include <cstring>
#include <map>
#include <thread>

namespace adapt {

namespace {

struct Trial {
  Curve curve;
  std::int64_t epochs = 0;
};

cardan::TuningWork synthetic(const Settings& settings, const std::string& name,
                             std::map<int, Trial>& trials)
{
  const auto made = [&settings, name](const cardan::TuningTrial& trial) {
    return curve(function(name, trial.values), trial.seed, settings.noise);
  };
  cardan::TuningWork work;
  work.begin = [&trials, made](int slot, const cardan::TuningTrial& trial) {
    trials[slot] = {made(trial), 0};
  };
  work.train = [&settings, &trials](int slot, const cardan::TuningTrial&, std::int64_t epochs) {
    Trial& mine = trials.at(slot);
    mine.epochs += epochs;
    if (settings.epoch_seconds > 0)
      std::this_thread::sleep_for(
          std::chrono::duration<double>(settings.epoch_seconds * static_cast<double>(epochs)));
    return mine.curve.at(mine.epochs);
  };
  // What has been learned of such a curve is how far along it is.
  work.save = [&trials](int slot, std::span<std::byte> state) {
    const std::int64_t epochs = trials.at(slot).epochs;
    std::memcpy(state.data(), &epochs, sizeof epochs);
    return sizeof epochs;
  };
  work.load = [&trials, made](int slot, const cardan::TuningTrial& trial,
                              std::span<const std::byte> state) {
    Trial& mine = trials[slot];
    mine.curve = made(trial);
    std::memcpy(&mine.epochs, state.data(), sizeof mine.epochs);
  };
  work.drop = [&trials](int slot) { trials.erase(slot); };
  return work;
}

}  // namespace

Episode tune_function(cardan::Session& session, const Settings& settings, const Plan& plan)
{
  cardan::TuningShape shape;
  shape.state_bytes = sizeof(std::int64_t);
  cardan::Tuning tuning = session.tuning(plan.task, shape);
  if (tuning.names().size() != variables(plan.task))
    throw cardan::Error::everywhere(
        plan.run_file + ": [tuning." + plan.task + ".space] has " +
        std::to_string(tuning.names().size()) + " values (the function has " +
        std::to_string(variables(plan.task)) + " variables). Name each of them.");
  std::map<int, Trial> trials;
  tuning.run(synthetic(settings, plan.task, trials));
  Episode episode;
  describe(tuning, episode);
  const auto& report = episode.report;
  episode.truths.reserve(static_cast<std::size_t>(report.trials));
  for (std::int64_t trial = 0; trial < report.trials; ++trial)
    episode.truths.push_back(function(plan.task, report.values_of(trial)));
  return episode;
}

}  // namespace adapt
