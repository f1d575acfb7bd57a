/// What is tuned: `[tuning.NAME.space]`.
#pragma once

#include "support/splitmix.hpp"

#include <cardan/config.hpp>

#include <string>
#include <vector>

namespace cardan::tuning {

/// One of the keys. Of a choice among words or lists a value is the number of the choice.
struct Parameter {
  enum class Kind { real, integer, choice };
  std::string name;
  Kind kind = Kind::real;
  double low = 0;
  double high = 1;
  bool log = false;
  /// Of a choice: numbers, or words where it is among others.
  std::vector<double> numbers;
  std::vector<std::string> words;
  /// As TOML has them.
  std::vector<std::string> literals;
  /// A clone keeps what it goes on from.
  bool fixed = false;

  [[nodiscard]] std::size_t choices() const { return literals.size(); }
  [[nodiscard]] double draw(Random& random) const;
  /// Jaderberg et al. 2017: a number times or by `factor`, within its bounds; a choice becomes its
  /// neighbour, or any other of words.
  [[nodiscard]] double perturb(double value, double factor, Random& random) const;
  /// The value as it stands in a run file.
  [[nodiscard]] std::string literal(double value) const;

 private:
  [[nodiscard]] std::size_t index_of(double value) const;
  [[nodiscard]] double at(std::size_t index) const;
};

struct Space {
  std::vector<Parameter> parameters;

  /// The same for the same number, whatever was drawn before.
  [[nodiscard]] std::vector<double> draw(std::uint64_t seed, std::int64_t trial) const;
  /// Each value drawn anew with the probability `resample`, otherwise perturbed.
  [[nodiscard]] std::vector<double> explore(const std::vector<double>& values, double factor,
                                            double resample, Random& random) const;
};

/// A number of chance from two.
std::uint64_t scatter(std::uint64_t seed, std::int64_t number);

/// Throws with file and line.
Space read_space(const Config& run_file, const std::string& name);

/// A value for a key of the run file; a path of tables.
struct Override {
  std::vector<std::string> path;
  std::string literal;
};
/// The run file's text with values in the place of what it has.
std::string with_values(const std::string& text, const std::vector<Override>& values);

}  // namespace cardan::tuning
