/// What a model is to the couplers, and what a module offers. C++17, without Torch: modules are
/// loaded at run time.
#pragma once

#include <cardan/config.hpp>
#include <cardan/dtype.hpp>
#include <cardan/state.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// One field of a sample, as the simulation streams it.
struct Feature {
  std::string name;
  Dtype dtype = Dtype::float64;
  /// Of one sample; empty for a single number.
  std::vector<std::int64_t> shape;

  /// Numbers in a sample.
  [[nodiscard]] std::int64_t numbers() const;
  [[nodiscard]] std::int64_t bytes() const { return numbers() * size_of(dtype); }
};
using Features = std::vector<Feature>;
/// Numbers in a sample of all features.
std::int64_t numbers_of(const Features& features);

/// What goes into a model and what comes out, in the run file's order.
struct Signature {
  Features inputs;
  Features outputs;
};
/// `(state float64 [3], dt float64 []) -> (advanced float64 [3])`.
std::string to_string(const Features& features);
std::string to_string(const Signature& signature);

/// Samples: for each feature the address of `count` samples, row-major and dense, aligned to their
/// dtype; never owned.
struct Batch {
  std::int64_t count = 0;
  const std::byte* const* columns = nullptr;
};

/// Where answers for a batch go; all memory is the caller's.
struct Answers {
  /// For each output feature: room for `count` samples.
  std::byte* const* columns = nullptr;
  /// count x numbers_of(outputs): the standard deviation of each number as the model estimates it,
  /// in the outputs' units; null where nobody asks.
  double* spread = nullptr;
};

/// A function that ML ranks evaluate. Its state (weights, normalisation) is a block of bytes of
/// fixed size, so that it can go through a window.
class Model {
 public:
  virtual ~Model() = default;
  /// Throws std::exception where the model fails; allocation is the model's own affair. An empty
  /// batch is answered by doing nothing.
  virtual void predict(const Batch& inputs, const Answers& answers) = 0;
  /// Whether `spread` says anything: false for a single network without a Gaussian head.
  [[nodiscard]] virtual bool has_spread() const = 0;
  /// Whether `pull_back` answers.
  [[nodiscard]] virtual bool has_gradient() const { return false; }
  /// Of each sample the gradient, with respect to its inputs, of the outputs' sum weighted by
  /// `cotangents` (a vector-Jacobian product), in the stream's units. `cotangents`: count x
  /// numbers_of(outputs); `gradients`: count x numbers_of(inputs). Throws std::exception where the
  /// model fails; an empty batch is answered by doing nothing.
  virtual void pull_back(const Batch& inputs, const double* cotangents, double* gradients)
  {
    static_cast<void>(inputs);
    static_cast<void>(cotangents);
    static_cast<void>(gradients);
  }
  /// Whether it can answer before any state was read: a model that was loaded from a file.
  [[nodiscard]] virtual bool ready() const { return false; }
  [[nodiscard]] virtual std::size_t state_bytes() const = 0;
  /// Takes a state that a learner of the same configuration wrote.
  virtual void read(const std::byte* state) = 0;
  /// Writes what it computes now to a file that it is loaded from without a learner; throws where
  /// this kind of model has none, or the file cannot be written.
  virtual void save(const std::string& path) const = 0;
};

/// What the samples seen so far say about their distribution; parts of several ranks are joined by
/// adding and by taking maxima.
struct Tally {
  std::vector<double> sums;
  std::vector<double> maxima;
};

/// A piece of the gradient that is whole before the others are: `count` numbers in one piece,
/// float32 or float64.
struct Bucket {
  void* data = nullptr;
  std::size_t count = 0;
  Dtype dtype = Dtype::float32;
};

/// A model that is being trained, the same on all training ranks: they average gradients and share
/// tallies.
class Learner {
 public:
  virtual ~Learner() = default;
  /// Takes samples of the stream into the local tally.
  virtual void see(const Batch& inputs, const Batch& targets) = 0;
  [[nodiscard]] virtual Tally tally() const = 0;
  /// Normalises by the joined tally; what the model computes stays the same.
  virtual void normalise(const Tally& joined) = 0;

  /// Called when a bucket of the gradient is whole, on the calling thread, in the same order on all
  /// ranks.
  using Whole = std::function<void(std::size_t bucket)>;
  /// The mean loss over a mini-batch. Its gradient, times `weight`, is then in the buckets. Models
  /// that are not trained by gradients have no buckets and are never asked.
  virtual double differentiate(const Batch& inputs, const Batch& targets, double weight,
                               const Whole& whole) = 0;
  /// The same on all ranks, for the learner's life.
  [[nodiscard]] virtual const std::vector<Bucket>& buckets() const = 0;
  /// Evaluates loss and averaged gradient once more at changed weights, for optimisers that search
  /// along a line.
  using Again = std::function<double()>;
  /// One step of the optimiser by the averaged gradient; `loss` is the averaged one.
  virtual void step(double loss, const Again& again) = 0;

  /// What these samples add to the sums that settle the weights to be published (for example a
  /// last, linear layer's normal equations); ranks join them by adding. Empty where nothing is to
  /// be joined.
  [[nodiscard]] virtual std::vector<double> settling_sums(const Batch& inputs,
                                                          const Batch& targets) = 0;
  /// Makes the trained weights ready to be published.
  virtual void settle(const std::vector<double>& joined) = 0;
  /// The answers and the mean loss of the settled weights.
  virtual void predict(const Batch& inputs, const Answers& answers) = 0;
  /// As Model has them, of the settled weights.
  [[nodiscard]] virtual bool has_gradient() const { return false; }
  virtual void pull_back(const Batch& inputs, const double* cotangents, double* gradients)
  {
    static_cast<void>(inputs);
    static_cast<void>(cotangents);
    static_cast<void>(gradients);
  }
  [[nodiscard]] virtual double validate(const Batch& inputs, const Batch& targets) = 0;

  /// Numbers that the settled weights make of a sample on the way (an autoencoder's latent ones, of
  /// an ensemble the first member's); 0: the model has none.
  [[nodiscard]] virtual std::int64_t embedding() const { return 0; }
  /// Writes them, count x embedding. An empty batch is answered by doing nothing.
  virtual void embed(const Batch& inputs, double* embedded)
  {
    static_cast<void>(inputs);
    static_cast<void>(embedded);
  }

  /// How many numbers are trained, those of all buckets together; 0: this kind of model does not
  /// give them away.
  [[nodiscard]] virtual std::size_t weights() const { return 0; }
  /// Copies them, in the order of the buckets' parts: what is trained, whatever is published.
  virtual void get_weights(double* to) const { static_cast<void>(to); }
  /// Takes others in their place; what is published follows when it is settled.
  virtual void set_weights(const double* from) { static_cast<void>(from); }

  /// Remembers weights and optimiser as good.
  virtual void keep() = 0;
  /// Goes back to what was kept last, and on with a rate of learning that is `factor` times what it
  /// was.
  virtual void roll_back(double factor) = 0;

  [[nodiscard]] virtual std::size_t state_bytes() const = 0;
  virtual void write(std::byte* state) const = 0;
  /// All that the rest of the training depends on: weights under `weights/`, optimiser under
  /// `optimiser/`, normalisation, tallies, what was kept. The same on all training ranks but for
  /// `tally/`, which is this rank's own.
  [[nodiscard]] virtual State checkpoint() const = 0;
  /// Takes what a learner of the same configuration gave; throws where it does not fit, naming the
  /// array.
  virtual void restore(const State& state) = 0;
  /// Writes what was settled to a file that this kind of model is loaded from; throws where it has
  /// none.
  virtual void save(const std::string& path) const = 0;
};

/// Which of the ranks that train a model together this one is.
struct Trainee {
  std::uint64_t seed = 0;
  int rank = 0;
  int ranks = 1;
  /// What is published is what is trained, no moving average, and no last layer that is solved: for
  /// weights that others join. A learner throws where the run file asks for one.
  bool plain = false;
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
  /// Throw where the configuration is wrong, with file and line, and where a file's model does not
  /// fit the signature (found by a forward pass), naming both signatures.
  [[nodiscard]] virtual std::unique_ptr<Model> model(const Config& model,
                                                     const Signature& signature) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Learner> learner(const Config& model,
                                                         const Config& training,
                                                         const Signature& signature,
                                                         const Trainee& trainee) const = 0;
};

/// The one symbol of a module; the module owns what it returns.
using ModuleEntry = Module* (*)();
inline constexpr const char* module_entry = "cardan_module";

}  // namespace cardan
