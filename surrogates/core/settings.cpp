#include "core/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace cardan::torch_module {

namespace {

//= [training.NAME.optimizer.schedule]
ScheduleSettings read_schedule(const Config& table)
{
  ScheduleSettings schedule;
  //= what the rate does after the warm-up: `"step"`: it is multiplied by `factor` after every
  //= `steps`; `"cosine"`: it falls to `floor` times itself over `steps`
  const std::string kind = table.choice("kind", {"constant", "step", "cosine"}, "constant");
  if (kind == "step") schedule.kind = ScheduleSettings::Kind::step;
  if (kind == "cosine") schedule.kind = ScheduleSettings::Kind::cosine;
  //= optimiser steps over which the rate grows from zero
  schedule.warmup = table.get<std::int64_t>("warmup", 0);
  if (schedule.warmup < 0) throw table.error("warmup", "must not be negative");
  if (schedule.kind == ScheduleSettings::Kind::constant) return schedule;
  //= of `"step"` and `"cosine"`: optimiser steps
  schedule.steps = table.get<std::int64_t>("steps");
  if (schedule.steps < 1) throw table.error("steps", "must be at least 1");
  if (schedule.kind == ScheduleSettings::Kind::step)
    //= of `"step"`
    schedule.factor = table.get<double>("factor", 0.5);
  else
    //= of `"cosine"`
    schedule.factor = table.get<double>("floor", 0);
  return schedule;
}

//= [training.NAME.optimizer]
OptimizerSettings read_optimizer(const Config& table, const TrainingDefaults& defaults)
{
  using Kind = OptimizerSettings::Kind;
  OptimizerSettings settings;
  //= `"lbfgs"` has a strong Wolfe line search
  const std::string kind = table.choice("kind", {"adam", "adamw", "sgd", "lbfgs"}, "adam");
  if (kind == "adamw") settings.kind = Kind::adamw;
  if (kind == "sgd") settings.kind = Kind::sgd;
  if (kind == "lbfgs") settings.kind = Kind::lbfgs;
  const bool adaptive = settings.kind == Kind::adam || settings.kind == Kind::adamw;

  const double rates[] = {1e-3, 1e-3, 1e-2, 1};
  //= 1e-3; 1e-2 `sgd`; 1 `lbfgs` | of learning
  settings.rate = table.get<double>("rate", rates[static_cast<std::size_t>(settings.kind)]);
  if (!(settings.rate > 0)) throw table.error("rate", "must be positive");
  //= of `adam` and `adamw`
  if (adaptive) settings.betas = table.get<std::vector<double>>("betas", settings.betas);
  if (settings.betas.size() != 2 ||
      std::any_of(settings.betas.begin(), settings.betas.end(),
                  [](double beta) { return !(beta >= 0 && beta < 1); }))
    throw table.error("betas", "must be two numbers, at least 0 and below 1");
  if (settings.kind != Kind::lbfgs)
    //= 0; 1e-2 `adamw` | not of `lbfgs`
    settings.weight_decay =
        table.get<double>("weight_decay", settings.kind == Kind::adamw ? 1e-2 : 0.0);
  if (settings.weight_decay < 0) throw table.error("weight_decay", "must not be negative");
  //= of `sgd`
  if (settings.kind == Kind::sgd) settings.momentum = table.get<double>("momentum", 0);
  if (!(settings.momentum >= 0 && settings.momentum < 1))
    throw table.error("momentum", "must be at least 0 and below 1");
  if (settings.kind == Kind::lbfgs) {
    //= of `lbfgs`: pairs remembered
    settings.history = table.get<std::int64_t>("history", settings.history);
    //= of `lbfgs`: iterations a step
    settings.iterations = table.get<std::int64_t>("iterations", settings.iterations);
    if (settings.history < 1) throw table.error("history", "must be at least 1");
    if (settings.iterations < 1) throw table.error("iterations", "must be at least 1");
  }
  //= 0: none | largest norm of the gradient
  settings.clip = table.get<double>("clip", 0);
  if (settings.clip < 0) throw table.error("clip", "must not be negative");
  //= 0.99; 0 for files | decay of the moving average of the weights that is published; 0 publishes
  //= the weights themselves
  settings.average = table.get<double>("average", defaults.average);
  if (settings.average < 0 || settings.average >= 1)
    throw table.error("average", "must be at least 0 and below 1");
  settings.schedule = read_schedule(table.table("schedule"));
  return settings;
}

}  // namespace

double ScheduleSettings::at(std::int64_t step) const
{
  const double warm =
      step < warmup ? static_cast<double>(step + 1) / static_cast<double>(warmup) : 1.0;
  const auto t = static_cast<double>(std::max<std::int64_t>(0, step - warmup));
  const auto whole = static_cast<double>(std::max<std::int64_t>(1, steps));
  switch (kind) {
    case Kind::constant: return warm;
    case Kind::step: return warm * std::pow(factor, std::floor(t / whole));
    case Kind::cosine: {
      const double pi = std::acos(-1.0);
      return warm * (factor + (1 - factor) * 0.5 * (1 + std::cos(pi * std::min(1.0, t / whole))));
    }
  }
  return warm;
}

namespace {
/// Tests that say nothing of devices run on a GPU as well.
std::string default_device()
{
  const char* device = std::getenv("CARDAN_TEST_DEVICE");
  return device != nullptr && std::string(device) == "cuda" ? "cuda" : "cpu";
}
}  // namespace

ModelSettings read_model(const Config& model, const ModelDefaults& defaults)
{
  for (const char* key : {"kind", "file", "library"}) model.ask(key);
  //= 4 for `mlp`, the number of files for files, else 1 | networks in the ensemble; the gate
  //= `"ensemble"` needs two at least
  ModelSettings settings{model.get<std::int64_t>("members", defaults.members), Head::plain,
                         //= true; false for files | inputs and outputs in units of their mean and
                         //= deviation, learned from the stream: of each number, or of each channel
                         //= of an image
                         model.get<bool>("normalise", defaults.normalise),
                         //= `"cpu"` | `"auto"`: a GPU where LibTorch has CUDA and the node a
                         //= device, dealt over the ranks of a node; see [gpu.md](gpu.md)
                         model.choice("device", {"cpu", "cuda", "auto"}, default_device())};
  if (settings.members < 1) throw model.error("members", "must be at least 1");
  const std::string head =
      //= `"increment"`: the network's output is added to the input; `"conserving"`: so that the
      //= sample's sum stays exactly; `"gaussian"`: the network states a mean and a variance
      model.choice("head", {"plain", "increment", "conserving", "gaussian"}, "plain");
  if (head == "increment") settings.head = Head::increment;
  if (head == "conserving") settings.head = Head::conserving;
  if (head == "gaussian") settings.head = Head::gaussian;
  return settings;
}

TrainingSettings read_training(const Config& training, const TrainingDefaults& defaults)
{
  TrainingSettings settings;
  const bool gaussian = defaults.head == Head::gaussian;
  //= `"mse"`; `"gaussian"` with that head | of the normalised outputs: `"mse"`, `"mae"`, `"huber"`,
  //= `"relative_l2"`, `"gaussian"` (the likelihood; with that head, and only there),
  //= `"masked_logistic"` (cross-entropy of logits against +1 and -1, targets of 0 not judged; needs
  //= `normalise = false`), a TorchScript file (`"loss.pt"`), or a loss that was registered
  settings.loss = training.get<std::string>("loss", gaussian ? "gaussian" : "mse");
  if ((settings.loss == "gaussian") != gaussian)
    throw training.error(
        "loss",
        gaussian ? "a Gaussian head learns by its likelihood" : "the model has no Gaussian head",
        gaussian ? "Write loss = \"gaussian\", or leave it out."
                 : "Give the model head = \"gaussian\".");
  if (settings.loss == "masked_logistic" && defaults.normalised)
    throw training.error("loss", "its targets are +1, -1 and 0, not normalised ones",
                         "Give the model normalise = false.");
  //= of `loss = "huber"`: where the square turns into a line, in normalised units
  if (settings.loss == "huber") settings.huber_delta = training.get<double>("delta", 1);
  if (!(settings.huber_delta > 0)) throw training.error("delta", "must be positive");
  settings.optimizer = read_optimizer(training.table("optimizer"), defaults);
  // Least squares settle the mean square error, and nothing else.
  const bool solvable = defaults.last_layer == LastLayer::least_squares && settings.loss == "mse";
  //= `"least_squares"` for `mlp` with `"mse"`, else `"gradient"` | the last layer is solved at each
  //= publication; `"gradient"`: it is trained like the others
  const std::string last = training.choice("last_layer", {"least_squares", "gradient"},
                                           solvable ? "least_squares" : "gradient");
  settings.last_layer = last == "gradient" ? LastLayer::gradient : LastLayer::least_squares;
  if (settings.last_layer == LastLayer::least_squares && !solvable)
    throw training.error("last_layer", "least squares need an mlp with the loss \"mse\"",
                         "Write last_layer = \"gradient\".");
  return settings;
}

}  // namespace cardan::torch_module
