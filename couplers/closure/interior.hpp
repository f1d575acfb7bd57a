/// What is looked at of a sample when its answer is judged: of a grid's image the tile without its
/// halo, otherwise everything.
#pragma once

#include "couplers/closure/samples.hpp"
#include "couplers/closure/settings.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace cardan::closure {

class Interior {
 public:
  /// Of samples of these features.
  Interior(const std::optional<GridSettings>& grid, const Features& samples);
  /// Of what is left of a sample.
  [[nodiscard]] const Features& features() const { return features_; }
  /// Samples without their halo: in `memory`, or the samples themselves where there is none.
  [[nodiscard]] Batch cut(const Batch& samples, Columns& memory) const;
  /// The same of one number for each number of all features; null stays null.
  [[nodiscard]] const double* cut(const double* numbers, std::int64_t count,
                                  std::vector<double>& memory) const;
  /// Whether a field's numbers are of one kind, wherever in an image they stand: their range (as
  /// Domain::range gives it) is then that of all of them.
  void share(std::vector<double>& range) const;

 private:
  Features samples_;
  Features features_;
  std::int64_t halo_ = 0;
  bool grid_;
};

}  // namespace cardan::closure
