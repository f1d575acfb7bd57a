/// What a model is to the couplers, and what a module offers. C++17, without Torch: modules are
/// loaded at run time.
#pragma once

#include <cardan/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// Samples: `count` x `width` numbers, row-major and dense; never owned.
struct Rows {
  const double* data = nullptr;
  std::int64_t count = 0;
  std::int64_t width = 0;
};

/// Features of a sample, going in and coming out.
struct Signature {
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
};

/// Answers for a batch; the arrays are the caller's, `count` rows each.
struct Answers {
  /// count x outputs.
  double* outputs = nullptr;
  /// count x outputs: how far the members of the ensemble are apart (standard deviation), in the
  /// outputs' units.
  double* spread = nullptr;
  /// count: 1 where the input lies inside what was learned.
  std::uint8_t* inside = nullptr;
};

/// A function that ML ranks evaluate. Its state (weights, normalisation) is a block of bytes of
/// fixed size, so that it can go through a window.
class Model {
 public:
  virtual ~Model() = default;
  /// Throws std::exception where the model fails; allocation is the model's own affair.
  virtual void predict(Rows inputs, const Answers& answers) = 0;
  /// Whether `spread` says anything: false for a single network.
  [[nodiscard]] virtual bool has_spread() const = 0;
  [[nodiscard]] virtual std::size_t state_bytes() const = 0;
  /// Takes a state that a learner of the same configuration wrote.
  virtual void read(const std::byte* state) = 0;
};

/// What the samples seen so far say about their distribution; parts of several ranks are joined by
/// adding and by taking maxima.
struct Tally {
  std::vector<double> sums;
  std::vector<double> maxima;
};

/// A model that is being trained, the same on all training ranks: they average gradients and share
/// tallies.
class Learner {
 public:
  virtual ~Learner() = default;
  /// Takes samples of the stream into the local tally.
  virtual void see(Rows inputs, Rows targets) = 0;
  [[nodiscard]] virtual Tally tally() const = 0;
  /// Normalises by the joined tally; what the model computes stays the same.
  virtual void normalise(const Tally& joined) = 0;
  /// The mean loss over a mini-batch; its gradient is then in `gradient()`.
  virtual double differentiate(Rows inputs, Rows targets) = 0;
  /// The gradient, `gradient_size()` numbers; written by the caller when it has averaged them.
  [[nodiscard]] virtual float* gradient() = 0;
  [[nodiscard]] virtual std::size_t gradient_size() const = 0;
  /// One step of the optimiser.
  virtual void step() = 0;
  /// What these samples add to the sums that settle the weights to be published (for example a
  /// last, linear layer's normal equations); ranks join them by adding. Empty where nothing is to
  /// be joined.
  [[nodiscard]] virtual std::vector<double> settling_sums(Rows inputs, Rows targets) = 0;
  /// Makes the trained weights ready to be published.
  virtual void settle(const std::vector<double>& joined) = 0;
  /// The answers and the mean loss of the settled weights.
  virtual void predict(Rows inputs, const Answers& answers) = 0;
  [[nodiscard]] virtual double validate(Rows inputs, Rows targets) = 0;
  [[nodiscard]] virtual std::size_t state_bytes() const = 0;
  virtual void write(std::byte* state) const = 0;
};

/// What a module that is loaded at run time offers.
class Module {
 public:
  virtual ~Module() = default;
  /// Library and version, for logs and provenance.
  [[nodiscard]] virtual std::string about() const = 0;
  /// Sets the number of threads and computes something small: what the library does once is then
  /// done.
  virtual void warm_up(int threads) = 0;
  /// Throw where the configuration is wrong, with file and line.
  [[nodiscard]] virtual std::unique_ptr<Model> model(const Config& model,
                                                     Signature signature) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Learner> learner(const Config& model,
                                                         const Config& training,
                                                         Signature signature,
                                                         std::uint64_t seed) const = 0;
};

/// The one symbol of a module; the module owns what it returns.
using ModuleEntry = Module* (*)();
inline constexpr const char* module_entry = "cardan_module";

}  // namespace cardan
