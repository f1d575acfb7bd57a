/// Inside the sending end of a field.
#pragma once

#include "couplers/reduction/frame.hpp"
#include "couplers/reduction/integers.hpp"
#include "couplers/reduction/plan.hpp"

#include <cstdint>
#include <vector>

namespace cardan::reduction {

struct Packer::Implementation {
  Implementation(const ReductionField& field, const std::vector<std::int64_t>& edges,
                 const CodecSettings& codec);

  // What is sent: `blocks`.
  void choose_blocks(const double* values, double eps, bool all);
  [[nodiscard]] bool is_still(const double* values, std::int64_t block, double limit);
  [[nodiscard]] bool all_sent() const
  {
    return static_cast<std::int64_t>(blocks.size()) == blocking.count();
  }

  // How: each writes all of the bytes to `out`.
  void make_plan(const double* values, double eps, const Transform& transform);
  void quantised(const double* values, double eps, const Transform& transform, Packed& packed);
  void lossless(const double* values);
  void raw(const double* values);

  // Parts of it; the reconstruction goes to `shown`.
  void quantise_whole(const double* values, double eps);
  void quantise_blocks(const double* values, double eps, const Transform* transform);
  void find_missed(const double* numbers, std::int64_t count, std::int64_t first, double eps,
                   double* reconstructed);
  void write_bitmap(Writer& to);
  std::size_t write_latents(const Transform& transform, Writer& to);
  std::size_t write_numbers(Writer& to);
  void write_exceptions(Writer& to);

  /// The receiver gets every bit of what is sent.
  void show(const double* values);
  [[nodiscard]] double largest_error(const double* values) const;

  Blocking blocking;
  bool floats;
  CodecSettings settings;
  Entropy entropy;
  Integers integers;
  /// What the receiver has, in the field's order, and whether it has anything.
  std::vector<double> shown;
  bool known = false;

  std::vector<std::int64_t> blocks;
  Frame frame;
  /// Kept for some packs while what it was made for stays.
  struct Planned {
    Plan plan;
    const Transform* transform = nullptr;
    std::int64_t latent = 0;
    double eps = -1;
    bool all = false;
    int age = 0;
  };
  Planned planned;
  /// The largest error among those that are sent quantised.
  double worst = 0;
  /// Numbers that miss the bound: their places among those that are coded, and their bits.
  std::vector<std::int64_t> places;
  std::vector<std::int64_t> bits;

  // Memory.
  std::vector<double> x, foretold, back, latents, changed;
  std::vector<std::int64_t> q, latent_q, trial;
  std::vector<std::byte> piece, out, other;
};

}  // namespace cardan::reduction
