/// The part of the input space that was learned.
#pragma once

#include "couplers/closure/settings.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Knows the range of each input, and, where the run file asks for it, a sample of what was
/// learned: an input is then inside if its nearest neighbour there is as near as those of held-out
/// samples are. Distances are taken of inputs in units of their ranges, projected at random onto
/// `projected` directions where there are more inputs than that (Johnson and Lindenstrauss 1984).
class Domain {
 public:
  Domain(const TrustSettings& settings, const Features& inputs);
  /// Widens the range; training ranks, sample by sample of the stream.
  void see(const Batch& inputs);
  /// The range as numbers whose maxima over ranks are the joined range.
  [[nodiscard]] std::vector<double> range() const;
  void join(const std::vector<double>& maxima);

  /// Landmarks of the samples that a rank learned from: `share()` of all ranks side by side are the
  /// neighbours that distances are taken to.
  [[nodiscard]] bool wants_landmarks() const { return settings_.novelty > 0; }
  [[nodiscard]] std::vector<double> landmarks(const Batch& inputs, int rank, int ranks) const;
  void set_landmarks(const std::vector<double>& joined) { landmarks_ = joined; }
  /// Sets the largest distance so that a share `novelty` of these held-out samples is inside.
  [[nodiscard]] double calibrate(const Batch& inputs) const;
  void set_reach(double reach) { reach_ = reach; }

  /// One for each sample: 1 where it is inside.
  void judge(const Batch& inputs, std::uint8_t* inside) const;
  /// Distance of each sample to its nearest landmark.
  void distances(const Batch& inputs, double* distances) const;

  /// The whole as numbers, to be published.
  [[nodiscard]] std::size_t numbers() const;
  void write(double* to) const;
  void read(const double* from);

 private:
  void place(const Batch& inputs, std::int64_t sample, double* point) const;

  TrustSettings settings_;
  Features inputs_;
  std::int64_t width_;
  std::int64_t dimension_;
  /// low (negated) and high of each input.
  std::vector<double> maxima_;
  /// dimension x width, or empty where points are not projected.
  std::vector<double> projection_;
  /// `count` x dimension; not-a-number where there is none.
  std::vector<double> landmarks_;
  double reach_ = 0;
};

}  // namespace cardan::closure
