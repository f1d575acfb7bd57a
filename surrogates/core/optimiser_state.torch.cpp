// What a restart needs of an optimiser.

#include "core/optimiser.torch.hpp"
#include "core/tensor_state.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/sgd.h>

#include <deque>
#include <type_traits>
#include <utility>

namespace cardan::torch_module {

namespace {

using Kind = OptimizerSettings::Kind;

const char* name_of(Kind kind)
{
  switch (kind) {
    case Kind::adam: return "adam";
    case Kind::adamw: return "adamw";
    case Kind::sgd: return "sgd";
    case Kind::lbfgs: return "lbfgs";
  }
  return "";
}

at::Tensor stacked(const std::deque<at::Tensor>& tensors)
{
  return at::stack(Tensors(tensors.begin(), tensors.end()));
}

/// A tensor of the state, checked: of `shape` and the leaf's dtype, on the leaf's device.
at::Tensor like_leaf(const State& state, const std::string& name, const at::Tensor& leaf,
                     const std::vector<std::int64_t>& shape)
{
  c10::NoGradGuard no_gradient;
  at::Tensor tensor = at::empty(shape, leaf.options().requires_grad(false));
  get_tensor(state, name, tensor);
  return tensor;
}

std::deque<at::Tensor> rows_of(const State& state, const std::string& name, const at::Tensor& leaf,
                               std::vector<std::int64_t> shape)
{
  std::deque<at::Tensor> rows;
  if (!state.has(name) && shape[0] == 0) return rows;
  const at::Tensor all = like_leaf(state, name, leaf, shape);
  for (std::int64_t i = 0; i < shape[0]; ++i) rows.push_back(all[i].clone());
  return rows;
}

/// Torch finds what belongs to a parameter by its address, in older versions as a text.
template <class Map>
void insert(Map& map, const at::Tensor& leaf,
            std::unique_ptr<torch::optim::OptimizerParamState> what)
{
  using Key = typename Map::key_type;
  if constexpr (std::is_pointer_v<Key>)
    map[leaf.unsafeGetTensorImpl()] = std::move(what);
  else
    map[c10::guts::to_string(leaf.unsafeGetTensorImpl())] = std::move(what);
}

template <class AdamState>
void put_moments(State& to, const torch::optim::OptimizerParamState& from)
{
  const auto& own = static_cast<const AdamState&>(from);
  put_tensor(to, "first_moment", own.exp_avg());
  put_tensor(to, "second_moment", own.exp_avg_sq());
  to.put("moment_steps", static_cast<std::int64_t>(own.step()));
}

template <class AdamState>
std::unique_ptr<AdamState> moments_of(const State& from, const at::Tensor& leaf)
{
  auto own = std::make_unique<AdamState>();
  own->exp_avg(like_leaf(from, "first_moment", leaf, leaf.sizes().vec()));
  own->exp_avg_sq(like_leaf(from, "second_moment", leaf, leaf.sizes().vec()));
  own->step(from.integer("moment_steps"));
  return own;
}

void put_history(State& to, const torch::optim::LBFGSParamState& own)
{
  to.put("evaluations", static_cast<std::int64_t>(own.func_evals()));
  to.put("iterations", static_cast<std::int64_t>(own.n_iter()));
  to.put("length", static_cast<double>(own.t()));
  to.put("loss", static_cast<double>(own.prev_loss()));
  to.put("pairs", static_cast<std::int64_t>(own.old_dirs().size()));
  if (own.d().defined()) put_tensor(to, "direction", own.d());
  if (own.H_diag().defined()) put_tensor(to, "scale", own.H_diag());
  if (own.prev_flat_grad().defined()) put_tensor(to, "gradient", own.prev_flat_grad());
  if (own.old_dirs().empty()) return;
  put_tensor(to, "gradient_changes", stacked(own.old_dirs()));
  put_tensor(to, "value_changes", stacked(own.old_stps()));
  put_tensor(to, "curvatures", stacked(own.ro()));
}

std::unique_ptr<torch::optim::LBFGSParamState> history_of(const State& from, const at::Tensor& leaf)
{
  auto own = std::make_unique<torch::optim::LBFGSParamState>();
  const std::int64_t pairs = from.integer("pairs");
  own->func_evals(from.integer("evaluations"));
  own->n_iter(from.integer("iterations"));
  own->t(from.number("length"));
  own->prev_loss(from.number("loss"));
  if (from.has("direction")) own->d(like_leaf(from, "direction", leaf, leaf.sizes().vec()));
  // Of a dtype of its own before there are pairs.
  if (from.has("scale")) own->H_diag(tensor_of(from, "scale").to(leaf.device()));
  if (from.has("gradient"))
    own->prev_flat_grad(like_leaf(from, "gradient", leaf, leaf.sizes().vec()));
  own->old_dirs(rows_of(from, "gradient_changes", leaf, {pairs, leaf.numel()}));
  own->old_stps(rows_of(from, "value_changes", leaf, {pairs, leaf.numel()}));
  own->ro(rows_of(from, "curvatures", leaf, {pairs}));
  return own;
}

/// Moments of Adam's own pass.
template <class T>
void put_moments(State& to, Dtype dtype, const Adam<T>& adam)
{
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(adam.first().size())};
  to.put("first_moment", dtype, shape, adam.first().data());
  to.put("second_moment", dtype, shape, adam.second().data());
  to.put("moment_steps", adam.steps());
}

template <class T>
Adam<T> adam_of(const State& from, Dtype dtype, std::int64_t count)
{
  std::vector<T> first(static_cast<std::size_t>(count));
  std::vector<T> second(first.size());
  from.get("first_moment", dtype, {count}, first.data());
  from.get("second_moment", dtype, {count}, second.data());
  return Adam<T>{std::move(first), std::move(second), from.integer("moment_steps")};
}

}  // namespace

State Optimiser::checkpoint() const
{
  State state;
  put_text(state, "kind", name_of(settings_.kind));
  state.put("steps", steps_);
  state.put("factor", factor_);
  if (adam_) put_moments(state, Dtype::float32, *adam_);
  if (wide_adam_) put_moments(state, Dtype::float64, *wide_adam_);
  // Torch's have nothing before the first step.
  if (!optimizer_ || optimizer_->state().empty()) return state;
  const torch::optim::OptimizerParamState& own = *optimizer_->state().begin()->second;
  switch (settings_.kind) {
    case Kind::adam: put_moments<torch::optim::AdamParamState>(state, own); break;
    case Kind::adamw: put_moments<torch::optim::AdamWParamState>(state, own); break;
    case Kind::sgd:
      put_tensor(state, "momentum",
                 static_cast<const torch::optim::SGDParamState&>(own).momentum_buffer());
      break;
    case Kind::lbfgs:
      put_history(state, static_cast<const torch::optim::LBFGSParamState&>(own));
      break;
  }
  return state;
}

void Optimiser::restore(const State& state)
{
  if (const std::string kind = text_of(state, "kind"); kind != name_of(settings_.kind))
    throw Error{"the state is of another optimiser",
                "its 'optimiser/kind' is " + kind + ", and here it is " + name_of(settings_.kind)};
  const std::int64_t steps = state.integer("steps");
  const double factor = state.number("factor");
  const at::Tensor& leaf = leaf_;
  if (adam_ || wide_adam_) {
    if (wide_adam_ && state.has("first_moment"))
      *wide_adam_ = adam_of<double>(state, Dtype::float64, leaf.numel());
    else if (adam_ && state.has("first_moment"))
      *adam_ = adam_of<float>(state, Dtype::float32, leaf.numel());
    else
      make();
  } else {
    std::unique_ptr<torch::optim::OptimizerParamState> own;
    if (settings_.kind == Kind::adam && state.has("first_moment"))
      own = moments_of<torch::optim::AdamParamState>(state, leaf);
    if (settings_.kind == Kind::adamw && state.has("first_moment"))
      own = moments_of<torch::optim::AdamWParamState>(state, leaf);
    if (settings_.kind == Kind::sgd && state.has("momentum")) {
      auto momentum = std::make_unique<torch::optim::SGDParamState>();
      momentum->momentum_buffer(like_leaf(state, "momentum", leaf, leaf.sizes().vec()));
      own = std::move(momentum);
    }
    if (settings_.kind == Kind::lbfgs && state.has("pairs")) own = history_of(state, leaf);
    make();
    if (own) insert(optimizer_->state(), leaf, std::move(own));
  }
  steps_ = steps;
  factor_ = factor;
}

}  // namespace cardan::torch_module
