/// What asks for solves and makes something of the answers: chains, or a search for a design.
#pragma once

#include <cardan/inverse.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cardan::inverse {

class Engine {
 public:
  virtual ~Engine() = default;

  /// A solve that is wanted, its gradient too where it says so.
  struct Ask {
    std::int64_t id = 0;
    bool gradient = false;
    /// Of the surrogate that led to it; 0: none.
    std::uint32_t version = 0;
    /// Valid until the next call.
    std::span<const double> theta;
  };
  /// Begins a run; the next one goes on where this one ended.
  virtual void begin() = 0;
  /// What is to be solved next, each once; nothing where all that can be asked has been.
  virtual std::optional<Ask> next() = 0;
  /// Predicted data, and behind them the gradient of the log-likelihood where it was asked for.
  virtual void answer(std::int64_t id, std::span<const double> numbers) = 0;
  /// What was asked is lost, and will be asked again.
  virtual void again(std::int64_t id) = 0;
  /// Does a few milliseconds of what takes longer; says whether there was something.
  virtual bool work() = 0;
  /// Whether the run is over.
  [[nodiscard]] virtual bool done() const = 0;
  /// Of what was done so far.
  [[nodiscard]] virtual InverseReport report() const = 0;
  /// Of one chain, thinned, in order.
  [[nodiscard]] virtual std::vector<InverseSample> samples(int chain) const = 0;
  /// Leaves what was done in an HDF5 file.
  virtual void leave(const std::string& path) const = 0;
};

}  // namespace cardan::inverse
