/// What an ensemble's ML rank leaves behind: how its model learned, where the last frames lie for
/// it, and where members were sent from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::ensemble {

class Mind;

/// The losses and restarts of a run, up to a number that bounds its memory; those beyond are
/// counted.
class Chronicle {
 public:
  struct Restart {
    int member = 0;
    /// Of the member, when it was sent.
    std::int64_t segment = 0;
    int from_member = -1;
    std::int64_t from_segment = -1;
    std::uint32_t version = 0;
    /// Of the frame or minimum that it was sent to.
    std::span<const double> descriptor;
  };
  /// `dimension`: numbers of a descriptor.
  explicit Chronicle(std::size_t dimension);

  /// A retraining has ended; a loss that is not a number is left out.
  void learned(std::int64_t step, std::uint32_t version, double loss);
  /// Copies the descriptor.
  void sent(const Restart& restart);

  /// Of each retraining: the mean loss over its optimiser steps, these so far, the version.
  std::vector<double> losses;
  std::vector<std::int64_t> steps;
  std::vector<std::int64_t> versions;
  /// Of each restart, as in Restart.
  std::vector<std::int64_t> member;
  std::vector<std::int64_t> segment;
  std::vector<std::int64_t> from_member;
  std::vector<std::int64_t> from_segment;
  std::vector<std::int64_t> version;
  std::vector<double> descriptors;
  /// Losses and restarts that came too late.
  std::int64_t losses_left_out = 0;
  std::int64_t restarts_left_out = 0;

 private:
  std::size_t most_restarts_;
};

/// Writes `ensemble-NAME.h5` into a folder, which is made where it is missing: /loss (float64),
/// /loss_step and /loss_version (int64) by retraining; /frames/{member,segment} (int64), score
/// (float64; where frames have any) and latent (float64, frames x numbers) of the window, the
/// oldest first; /restarts/{member,segment,from_member,from_segment,version} and latent by restart.
/// `latent` is what the newest model makes of a descriptor, or the descriptor where there is none.
/// Nothing without a folder, or where no frame came. Not collective; a file that cannot be written
/// is said, and no error.
void leave_behind(Mind& mind, const std::string& folder);

}  // namespace cardan::ensemble
