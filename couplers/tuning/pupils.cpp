#include "couplers/tuning/pupil.hpp"

#include "couplers/tuning/state_bytes.hpp"
#include "registry.hpp"
#include "support/host_threads.hpp"

#include <cardan/error.hpp>

#include <algorithm>

namespace cardan::tuning {

namespace {

/// Models of a space whose states are measured.
constexpr std::size_t most_models = 64;

/// Zeros.
struct Blank {
  explicit Blank(const Features& features, std::int64_t count) : columns(features)
  {
    columns.resize(count);
  }
  closure::Columns columns;
};

/// The values whose models are measured: each choice, and the ends of each range of the model.
std::vector<std::vector<double>> corners(const Space& space)
{
  std::vector<std::vector<double>> all{{}};
  for (const Parameter& parameter : space.parameters) {
    std::vector<double> ends{parameter.low};
    if (parameter.kind == Parameter::Kind::choice) {
      ends = parameter.numbers;
      for (std::size_t c = 0; parameter.numbers.empty() && c < parameter.choices(); ++c)
        ends.push_back(static_cast<double>(c));
      if (parameter.numbers.empty()) ends.erase(ends.begin());
    } else if (parameter.fixed) {
      ends.push_back(parameter.high);
    }
    const bool room = all.size() * ends.size() <= most_models;
    std::vector<std::vector<double>> next;
    for (const auto& begun : all)
      for (const double end : room ? ends : std::vector<double>{ends.back()}) {
        next.push_back(begun);
        next.back().push_back(end);
      }
    all = std::move(next);
  }
  return all;
}

struct Tables {
  Config model;
  Config training;
};

/// The run file as a trial has it.
Tables tables_of(const Context& context, const Settings& settings,
                 const std::vector<double>& values)
{
  std::vector<Override> overrides;
  const auto& parameters = settings.space.parameters;
  for (std::size_t p = 0; p < values.size(); ++p) {
    Override one;
    std::string name = parameters[p].name;
    one.path = name.rfind("model.", 0) == 0 ? std::vector<std::string>{"tuning", settings.name}
                                            : std::vector<std::string>{"training", settings.name};
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
      one.path.push_back(name.substr(0, dot));
      name = name.substr(dot + 1);
    }
    one.path.push_back(name);
    one.literal = parameters[p].literal(values[p]);
    overrides.push_back(std::move(one));
  }
  const std::string& text = context.run_file.text();
  const Config run_file =
      overrides.empty() ? Config::from_text(text, context.run_file.name())
                        : Config::from_text(with_values(text, overrides),
                                            context.run_file.name() + " with a trial's values");
  return {run_file.table("tuning").table(settings.name).table("model"),
          run_file.table("training").table(settings.name)};
}

std::int64_t batch_of(const Config& training)
{
  const auto batch = training.get<std::int64_t>("batch", 64);
  if (batch < 1) throw training.error("batch", "must be positive");
  return batch;
}

std::unique_ptr<Learner> make(Module& module, const Tables& tables, const Signature& signature,
                              std::uint64_t seed)
{
  const HostThreads restored;
  Trainee trainee;
  trainee.seed = seed;
  return module.learner(tables.model, tables.training, signature, trainee);
}

}  // namespace

// The run file is read anew: in the session's own its tables count as known, whatever stands in
// them.
Pupils::Pupils(const Context& context, const Settings& settings, const Signature& signature)
    : context_(context), settings_(settings), signature_(signature)
{
  const HostThreads restored;
  for (const auto& values : {std::vector<double>{}, settings.space.draw(0, 0)}) {
    const Tables tables = tables_of(context, settings, values);
    module_ = &module_for(tables.model);
    module_->warm_up(1);
    static_cast<void>(make(*module_, tables, signature, 0));
    static_cast<void>(batch_of(tables.training));
    tables.model.reject_unknown();
    tables.training.reject_unknown();
  }
}

Pupils::~Pupils() = default;

std::unique_ptr<Learner> Pupils::learner(const std::vector<double>& values, std::uint64_t seed,
                                         std::span<const std::byte> state) const
{
  auto learner = make(*module_, tables_of(context_, settings_, values), signature_, seed);
  if (!state.empty()) learner->restore(read_state(state).group("learner"));
  return learner;
}

// Optimisers have more to remember after their first step.
std::size_t Pupils::state_bytes()
{
  const HostThreads restored;
  constexpr std::int64_t count = 2;
  constexpr std::size_t slack = 4096;
  const Blank inputs{signature_.inputs, count};
  const Blank outputs{signature_.outputs, count};
  std::size_t most = 0;
  for (const auto& values : corners(settings_.space)) {
    Pupil pupil{learner(values, 0, {}), 1, signature_};
    Learner& one = *pupil.learner;
    if (!one.buckets().empty()) {
      const auto again = [&] {
        return one.differentiate(inputs.columns.batch(), outputs.columns.batch(), 1,
                                 [](std::size_t) {});
      };
      one.step(again(), again);
    }
    most = std::max(most, bytes_of(pupil.state()));
  }
  return most + most / 8 + slack;
}

Pupils::Pupil& Pupils::at(int slot)
{
  return *pupils_.at(static_cast<std::size_t>(slot));
}

void Pupils::begin(int slot, const TuningTrial& trial)
{
  const auto at = static_cast<std::size_t>(slot);
  if (pupils_.size() <= at) pupils_.resize(at + 1);
  const Tables tables = tables_of(context_, settings_, trial.values);
  pupils_[at] = std::make_unique<Pupil>(make(*module_, tables, signature_, trial.seed),
                                        batch_of(tables.training), signature_);
}

TuningWork Pupils::work(Samples& samples)
{
  TuningWork work;
  work.begin = [this](int slot, const TuningTrial& trial) { begin(slot, trial); };
  work.train = [this, &samples](int slot, const TuningTrial& trial, std::int64_t epochs) {
    return train(at(slot), trial, epochs, samples);
  };
  work.save = [this](int slot, std::span<std::byte> state) {
    return write(at(slot).state(), state);
  };
  work.load = [this](int slot, const TuningTrial&, std::span<const std::byte> state) {
    at(slot).take(state);
  };
  work.drop = [this](int slot) { pupils_.at(static_cast<std::size_t>(slot)).reset(); };
  return work;
}

}  // namespace cardan::tuning
