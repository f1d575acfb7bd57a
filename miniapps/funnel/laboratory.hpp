/// What a rank needs to look at candidates: the library, the solvers of each size, recent images.
#pragma once

#include "homogenise.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace funnel {

class Laboratory {
 public:
  Laboratory(const LibrarySettings& settings, const Phases& phases);

  [[nodiscard]] const Library& library() const { return library_; }
  [[nodiscard]] const Phases& phases() const { return phases_; }
  /// Made anew unless it is among the recent ones. Valid until the next call.
  [[nodiscard]] const Image& image(std::int64_t candidate);
  /// One solve on `size` x `size` pixels (see coarse_conductivities): the effective conductivity
  /// along x of a coarser picture, an estimate.
  [[nodiscard]] double coarse(std::int64_t candidate, int size);
  /// Two solves on the image's own pixels.
  [[nodiscard]] Bracket fine(std::int64_t candidate);
  /// What the solver of a size holds is made now rather than in its first solve.
  void prepare(int size) { static_cast<void>(conduction(size)); }

 private:
  struct Recent {
    std::int64_t candidate = -1;
    Image image;
  };
  Conduction& conduction(int size);

  Library library_;
  Phases phases_;
  std::map<int, Conduction> conductions_;
  /// By candidate modulo their number.
  std::vector<Recent> recent_;
};

}  // namespace funnel
