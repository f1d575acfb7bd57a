#include "couplers/closure/service.hpp"

#include "couplers/closure/inference.hpp"
#include "couplers/closure/training.hpp"
#include "registry.hpp"

#include <cardan/error.hpp>

#include <optional>

namespace cardan::closure {

namespace {

void check_spread(const SurrogateSettings& surrogate, const Model& model)
{
  if (surrogate.trust.gate == TrustSettings::Gate::none || model.has_spread()) return;
  throw Error{"surrogate '" + surrogate.name + "' would never be trusted",
              "the gate compares the members of an ensemble, and the model is a single one",
              "Give the model two members or more or a Gaussian head, or set trust gate = "
              "\"none\"."};
}

class ClosureService : public Duty {
 public:
  ClosureService(const Context& context, const std::string& name, std::string& library)
  {
    const SurrogateSettings surrogate = read_surrogate(context.run_file, name);
    const TrainingSettings training = read_training(context.run_file, name);
    std::unique_ptr<Model> model;
    std::unique_ptr<Learner> learner;
    // Every ML rank makes both: a wrong configuration is then found by all, and the size of a state
    // is known to all.
    streams_ = std::make_unique<Streams>(context, surrogate, Binding{}, [&](const Binding& fields) {
      const Config model_table = context.run_file.table("surrogate").table(name).table("model");
      Module& module = module_for(model_table);
      library = module.about();
      const Config training_table = context.run_file.table("training").table(name);
      const Signature signature = fields.signature();
      const Trainee trainee{static_cast<std::uint64_t>(context.settings.seed),
                            context.mine().training ? mpi::rank(context.training.get()) : 0,
                            context.count(&Roles::training)};
      model = module.model(model_table, signature);
      learner = module.learner(model_table, training_table, signature, trainee);
      context.run_file.table("surrogate").table(name).reject_unknown();
      training_table.reject_unknown();
      check_spread(surrogate, *model);
      const Gate checked{surrogate.trust, signature.outputs};
      const Domain domain{surrogate.trust, signature.inputs};
      return sizeof(double) * state_numbers(*learner, domain);
    });
    if (context.mine().inference) inference_.emplace(*streams_, surrogate, std::move(model));
    if (context.mine().training)
      training_.emplace(context, *streams_, surrogate, training, std::move(learner));
  }

  // Inference first: a simulation rank waits for it. One round of training at a time, for the same
  // reason.
  bool poll() override
  {
    bool worked = inference_ && inference_->poll();
    if (training_ && !training_->finished()) worked = training_->poll() || worked;
    return worked;
  }

  bool finished() override
  {
    return (!training_ || training_->finished()) && (!inference_ || streams_->request->drained());
  }

  void close() override { streams_->close(); }

  void abandon() noexcept override { streams_->abandon(); }

 private:
  std::unique_ptr<Streams> streams_;
  std::optional<Inference> inference_;
  std::optional<Training> training_;
};

}  // namespace

void warm_up(const Context& context, const std::string& name)
{
  module_for(context.run_file.table("surrogate").table(name).table("model"))
      .warm_up(context.threads);
}

std::unique_ptr<Duty> serve(const Context& context, const std::string& name, std::string& library)
{
  return std::make_unique<ClosureService>(context, name, library);
}

}  // namespace cardan::closure
