/// What the spin task is: the run file's [adapt.spin].
#pragma once

#include "spin.hpp"
#include "spin_window.hpp"
#include "strip.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace adapt {

/// What mutates a child.
enum class Mutation {
  /// A fixed share of the spins, at random; the same with a share that follows its success.
  flips,
  adapted_flips,
  /// A network that learned from the population at the start, and never again; with a fixed share
  /// of masked sites, and with one that follows its success.
  frozen,
  adapted_frozen,
  /// A network that goes on learning from the elite, with a share that follows its success.
  adaptive,
  /// Boltzmann's distribution at the masked sites, by the couplings, with a share that follows its
  /// success: what somebody would write who knows the energy.
  heat_bath
};
const std::vector<std::string>& mutation_names();
Mutation mutation_of(const std::string& name);
/// Whether a network mutates.
bool learns(Mutation mutation);

struct SpinSettings {
  StripShape shape;
  std::vector<std::string> methods;
  std::vector<std::int64_t> seeds;
  std::int64_t population = 64;
  std::int64_t children = 64;
  /// Generations after the start population.
  std::int64_t generations = 60;
  std::int64_t entrants = 2;
  /// Share of the children that have two parents.
  double crossover = 0.5;
  /// Of the flips, and of the masked sites of a window, at the start where it is adapted.
  double flips = 0.01;
  double masked = 0.2;
  /// Columns of a window.
  std::int64_t window = 4;
  Knowledge knowledge = Knowledge::pulls;
  /// Windows that are learned from: of the start, and of each generation; and the share of the
  /// population that they are of.
  std::int64_t first_lessons = 1024;
  std::int64_t lessons = 64;
  double elite = 0.25;
  /// What a network's logits are multiplied by before spins are drawn.
  double sharpness = 2;
  /// Of the heat bath, in units of the couplings.
  double temperature = 0.5;

  [[nodiscard]] std::int64_t calls() const { return population + generations * children; }
  [[nodiscard]] std::int64_t window_sites() const { return window * shape.width; }
};

/// Throws cardan::Error with file and line.
SpinSettings read_spin_settings(const SpinRequest& request);

}  // namespace adapt
