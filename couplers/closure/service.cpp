#include "couplers/closure/service.hpp"

#include "checkpoint/reader.hpp"
#include "checkpoint/snapshot.hpp"
#include "couplers/closure/grid_inference.hpp"
#include "couplers/closure/inference.hpp"
#include "couplers/closure/recorded.hpp"
#include "couplers/closure/training.hpp"
#include "registry.hpp"

#include <cardan/error.hpp>

#include <optional>

namespace cardan::closure {

namespace {

/// The kind that a `model` table names, or `file`.
std::string kind_of(const Config& model)
{
  if (model.has("kind")) return model.get<std::string>("kind");
  return model.has("file") ? "file" : "mlp";
}

class ClosureService : public Duty {
 public:
  ClosureService(const Context& context, const std::string& name, std::string& library)
      : name_(name)
  {
    const SurrogateSettings surrogate = read_surrogate(context.run_file, name);
    const TrainingSettings training = read_training(context.run_file, name);
    std::unique_ptr<Model> model;
    std::unique_ptr<Learner> learner;
    std::unique_ptr<Recorded> recorded;
    // Every ML rank makes both: a wrong configuration is then found by all, and the size of a state
    // is known to all.
    const auto prepare = [&](const Team& team, const Binding& fields) {
      const Config table = context.run_file.table("surrogate").table(name);
      const Config training_table = context.run_file.table("training").table(name);
      Module& module = module_for(table.table("model"));
      library = module.about();
      kind_ = kind_of(table.table("model"));
      const Signature signature = fields.signature();
      model = module.model(table.table("model"), signature);
      check_spread(surrogate, *model);
      const Gate checked{surrogate.trust, Interior{surrogate.grid, signature.outputs}.features()};
      const Domain domain{surrogate.trust, signature.inputs};
      table.reject_unknown();
      if (!surrogate.trained) return std::size_t{0};
      const bool trains = team.mine().training;
      const int rank = trains ? mpi::rank(team.training.get()) : 0;
      const int ranks = team.count(&Roles::training);
      learner = module.learner(table.table("model"), training_table, signature,
                               {static_cast<std::uint64_t>(context.settings.seed), rank, ranks});
      if (trains && training.offline)
        recorded = std::make_unique<Recorded>(*training.offline, signature, rank, ranks);
      training_table.reject_unknown();
      return sizeof(double) * state_numbers(*learner, domain);
    };
    streams_ = std::make_unique<Streams>(context, surrogate, Binding{}, prepare);
    const Roles& roles = streams_->team.mine();
    first_ = mpi::rank(context.everyone.get()) == streams_->team.first(&Roles::inference);
    if (roles.inference && streams_->grid)
      inference_ = std::make_unique<GridInference>(*streams_, surrogate, std::move(model));
    else if (roles.inference)
      inference_ = std::make_unique<Inference>(*streams_, surrogate, std::move(model));
    if (roles.training)
      training_.emplace(context, *streams_, surrogate, training, std::move(learner));
    // What a checkpoint has of the training was learned from the recording first.
    const bool goes_on =
        context.restart != nullptr && context.restart->has("models/" + name + "/learner");
    if (recorded && !goes_on) training_->learn_from(*recorded);
  }

  // Inference first: a simulation rank waits for it. One round of training at a time, for the same
  // reason.
  bool poll() override
  {
    bool worked = inference_ && inference_->poll();
    if (training_) worked = training_->poll() || worked;
    return worked;
  }

  bool finished() override
  {
    return (!training_ || training_->finished()) && (!inference_ || streams_->request->drained());
  }

  void hold(bool wish, std::int64_t mark) override
  {
    if (training_) training_->hold(wish, mark);
  }
  [[nodiscard]] bool held() const override { return !training_ || training_->held(); }

  void snapshot(checkpoint::Snapshot& snapshot) override
  {
    if (training_) training_->snapshot(snapshot);
    if (first_) snapshot.add("models/" + name_ + "/kind", kind_);
  }
  void restore(const checkpoint::Reader& reader) override
  {
    if (training_) training_->restore(reader);
  }

  void close() override { streams_->close(); }

  void abandon() noexcept override { streams_->abandon(); }

 private:
  std::string name_;
  /// Of the model, as the run file says it; on the first inference rank.
  std::string kind_;
  bool first_ = false;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Answering> inference_;
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
