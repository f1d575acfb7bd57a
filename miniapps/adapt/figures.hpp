/// Figures of runs: simple regret, time to target, what ranks did.
#pragma once

#include "episode.hpp"

#include <optional>
#include <string>
#include <vector>

namespace adapt {

/// Runs of one task with one method, in the order of their seeds.
struct Group {
  std::string task;
  std::string method;
  std::vector<const Episode*> runs;
};

/// In the order in which they were run; pointers into `episodes`.
std::vector<Group> grouped(const std::vector<Episode>& episodes);
/// The group of the same task by another method; or null.
const Group* other(const std::vector<Group>& groups, const Group& group, const std::string& method);

/// The middle one, or the mean of both; values that are none count as larger than all. Empty where
/// the middle is none.
std::optional<double> median(std::vector<std::optional<double>> values);

/// The best trial so far, each time that it changes. Its regret is how far it is from the lowest
/// possible value: of a function the trial's value without noise, of a network the loss of what was
/// held out (0 is the lowest that it can be).
struct Best {
  double seconds = 0;
  std::int64_t epochs = 0;
  double loss = 0;
  double regret = 0;
};
std::vector<Best> bests_of(const Episode& episode);
/// Of the best trial of all; empty where none was finite.
std::optional<double> regret_of(const Episode& episode);

std::optional<double> epochs_to_target(const Episode& episode);
std::optional<double> seconds_to_target(const Episode& episode);
std::optional<double> median_epochs_to_target(const Group& group);
std::optional<double> median_regret(const Group& group);

/// Random search's epochs to the target over the method's, of the medians; a lower bound where
/// random search did not reach it (then all its epochs count).
struct Ratio {
  double value = 0;
  bool at_least = false;
};
std::optional<Ratio> ratio_to_random(const std::vector<Group>& groups, const Group& group);

/// The loss below which a share of a run's trials end, of those that went on to the end (with
/// interpolation between them); empty where there are none. Of random search on seeds that are used
/// for nothing else, 0.05 of it is how targets are chosen.
std::optional<double> final_loss(const Episode& episode, double share);

/// `model.width 32, optimizer.rate 0.00123, ...` of a run's best trial.
std::string best_values(const Episode& episode);

}  // namespace adapt
