// The learner of a silo, in the simulation's own process.

#include "couplers/federation/client.hpp"
#include "registry.hpp"
#include "support/host_threads.hpp"

namespace cardan::federation {

// The run file is read anew: in the session's own its tables count as known, whatever stands in
// them.
MakeLearner learner_of(const Context& context, const Settings& settings, const Signature& signature)
{
  return [&context, settings, signature] {
    const HostThreads restored;
    const Config run_file = Config::from_text(context.run_file.text(), context.run_file.name());
    const Config table = run_file.table("federation").table(settings.name);
    const Config model = table.table("model");
    const Config training = run_file.table("training").table(settings.name);
    Module& module = module_for(model);
    module.warm_up(context.threads);
    // The same weights in every silo, and other numbers of chance on every rank.
    Trainee trainee;
    trainee.seed = static_cast<std::uint64_t>(context.settings.seed);
    trainee.rank = mpi::rank(context.part.get());
    trainee.ranks = mpi::size(context.part.get());
    trainee.plain = true;
    auto learner = module.learner(model, training, signature, trainee);
    model.reject_unknown();
    training.reject_unknown();
    if (learner->weights() == 0 || learner->buckets().empty())
      throw table.error("model",
                        "a federation joins weights that are trained by gradients, and this "
                        "kind has none",
                        "Take kind = \"mlp\", for example.");
    return learner;
  };
}

}  // namespace cardan::federation
