/// Steps of an optimiser along a schedule, on all parameters at once.
#pragma once

#include "core/adam.hpp"
#include "core/settings.hpp"

#include <cardan/state.hpp>

#include <ATen/ATen.h>
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace cardan::torch_module {

class Optimiser {
 public:
  /// `values` and `gradient` are its to read and write; nothing else of them is kept.
  Optimiser(const OptimizerSettings& settings, const at::Tensor& values,
            const at::Tensor& gradient);
  /// One step, the gradient clipped first. `loss` belongs to the gradient; `again` evaluates both
  /// at changed values.
  void step(double loss, const std::function<double()>& again);
  /// Forgets what it remembers of past gradients, and goes on at `factor` times the rate.
  void restart(double factor);
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  /// Its place on the schedule, its rate, and what it remembers of past gradients: arrays over all
  /// parameters at once, from the last to the first.
  [[nodiscard]] State checkpoint() const;
  /// Throws, changing nothing, where the state is another optimiser's or has other shapes.
  void restore(const State& state);

 private:
  void make();
  void clip();
  void set_rate(double rate);
  [[nodiscard]] bool adaptive() const;
  void step_adam(double rate);

  OptimizerSettings settings_;
  /// A leaf that shares the parameters' memory.
  at::Tensor leaf_;
  double factor_ = 1;
  std::int64_t steps_ = 0;
  /// One of these three: Adam on the host is a pass of its own, since LibTorch's takes some ten.
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::unique_ptr<Adam<float>> adam_;
  std::unique_ptr<Adam<double>> wide_adam_;
};

}  // namespace cardan::torch_module
