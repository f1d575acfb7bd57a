/// The library: periodic two-phase microstructures, each a level set of a random Fourier field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace funnel {

class Random;

/// Pixels of one period, row by row (y, then x): 1 where the phase that conducts better is.
struct Image {
  int size = 0;
  std::vector<std::uint8_t> pixels;

  [[nodiscard]] double fraction() const;
};

/// What candidates are drawn from, each range uniformly (lengths and ratios in their logarithm).
struct LibrarySettings {
  std::uint64_t seed = 1;
  /// Pixels along an edge of the period.
  int size = 64;
  /// Share of the pixels that conduct better.
  double least_fraction = 0.3;
  double most_fraction = 0.6;
  /// Correlation length in pixels; and how much longer it is along one axis than across, which has
  /// any direction.
  double least_length = 4;
  double most_length = 12;
  double most_ratio = 3;
};

/// What a candidate was drawn with.
struct Recipe {
  double fraction = 0;
  double length = 0;
  double ratio = 1;
  /// Of the longer correlation, from the x axis, in radians.
  double angle = 0;
};

class Library {
 public:
  /// Throws std::invalid_argument where a range is empty or not to be drawn from.
  explicit Library(const LibrarySettings& settings);

  [[nodiscard]] const LibrarySettings& settings() const { return settings_; }
  [[nodiscard]] Recipe recipe(std::int64_t candidate) const;
  /// A sum of waves with random phases, amplitudes exp(-(q l)^2 / 4) for wave vectors q and
  /// correlation lengths l, cut at the level that gives the fraction: its nearest number of pixels,
  /// exactly. The same on every rank and in any order.
  [[nodiscard]] Image image(std::int64_t candidate) const;

 private:
  /// cos and sin of 2 pi k i / size for one k.
  struct Waves {
    explicit Waves(std::size_t size) : cosines(size), sines(size) {}
    std::vector<double> cosines;
    std::vector<double> sines;
  };
  void turn(int k, Waves& wave) const;
  [[nodiscard]] std::vector<double> field(Random& random, const Recipe& recipe) const;
  [[nodiscard]] Image cut(const std::vector<double>& field, double fraction) const;

  LibrarySettings settings_;
  /// cos and sin of 2 pi i / size.
  std::vector<double> cosines_;
  std::vector<double> sines_;
};

}  // namespace funnel
