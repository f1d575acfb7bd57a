/// An Ising spin glass on a strip: couplings that are drawn, spins that cannot please all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace adapt {

/// +1 or -1, or 0 where it is masked; site (x, y) of a strip stands at x width + y.
using Spin = std::int8_t;
using Spins = std::vector<Spin>;

/// How couplings are drawn: +1 or -1, from the normal distribution, or all +1.
enum class Couplings { signs, gaussian, ferromagnet };

struct StripShape {
  /// Sites along the strip, and across it.
  std::int64_t length = 32;
  std::int64_t width = 6;
  /// The last column is coupled to the first (of at least 3).
  bool periodic = false;
  Couplings couplings = Couplings::gaussian;

  [[nodiscard]] std::int64_t sites() const { return length * width; }
};

/// Energies are H = - sum over neighbours of J s s', in units of the couplings.
class Strip {
 public:
  /// Throws std::invalid_argument where the shape has no sites, or a ring fewer than 3 columns.
  Strip(const StripShape& shape, std::uint64_t seed);

  [[nodiscard]] const StripShape& shape() const { return shape_; }
  [[nodiscard]] std::int64_t sites() const { return shape_.sites(); }
  /// Between (x, y) and (x + 1, y); 0 beyond the end of an open strip.
  [[nodiscard]] double along(std::int64_t x, std::int64_t y) const
  {
    return along_[static_cast<std::size_t>(x * shape_.width + y)];
  }
  /// Between (x, y) and (x, y + 1); 0 beyond the last row.
  [[nodiscard]] double across(std::int64_t x, std::int64_t y) const
  {
    return across_[static_cast<std::size_t>(x * shape_.width + y)];
  }
  /// One call of the simulator.
  [[nodiscard]] double energy(std::span<const Spin> spins) const;

 private:
  StripShape shape_;
  std::vector<double> along_;
  std::vector<double> across_;
};

}  // namespace adapt
