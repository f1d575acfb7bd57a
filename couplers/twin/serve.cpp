// What an ML rank's part in a twin is made of: its ranks, the process, the model and who trains it.

#include "couplers/twin/serve.hpp"

#include "channel/declaration.hpp"
#include "couplers/closure/settings.hpp"
#include "couplers/twin/duty.hpp"
#include "couplers/twin/processes.hpp"
#include "couplers/twin/wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cardan::twin {

namespace {

int twin_ranks(const Context& context, const Settings& settings)
{
  const int ml = mpi::size(context.part.get());
  const int most = std::max(1, settings.trainer == TrainerPlace::own ? ml - 1 : ml);
  return settings.ranks == 0 ? most : std::min(settings.ranks, most);
}

std::vector<FieldSpec> specs_of(const Features& features)
{
  std::vector<FieldSpec> specs;
  for (const auto& feature : features)
    specs.push_back({feature.name, feature.dtype, Extents{feature.shape}, {}, {}});
  return specs;
}

Features features_of(const std::vector<FieldSpec>& specs)
{
  Features features;
  for (const auto& spec : specs) {
    Feature feature{spec.name, spec.dtype, {}};
    for (int d = 0; d < spec.shape.rank(); ++d) feature.shape.push_back(spec.shape[d]);
    features.push_back(std::move(feature));
  }
  return features;
}

/// The first twin rank and the last ML rank, in this order; empty on others. Collective over the ML
/// ranks.
mpi::Comm pair_of(const Context& context, const Settings& settings)
{
  if (settings.trainer != TrainerPlace::own) return {};
  const int rank = mpi::rank(context.part.get());
  const bool either = rank == 0 || rank == mpi::size(context.part.get()) - 1;
  return mpi::split(context.part.get(), either ? 0 : MPI_UNDEFINED);
}

}  // namespace

TwinDuty::TwinDuty(const Context& context, const Settings& settings)
    : context_(context),
      settings_(settings),
      ends_(context, declaration_of(settings)),
      crew_(context.part.get(), twin_ranks(context, settings), context.settings.deadline),
      frame_(ends_.declared.report, static_cast<int>(ends_.simulation.size())),
      signature_{ends_.declared.report, ends_.declared.decision}
{
  // What the asset's side adds to an answer is not the twin's.
  signature_.outputs.pop_back();
  mpi::Comm pair = pair_of(context, settings);
  mpi::together(context.everyone.get(), context.deadline(), [&] {
    check_ranks();
    if (!crew_.works()) return;
    make_process();
    if (settings_.has_model) make_model();
  });
  const Signature learned = learned_by_all();
  mpi::together(context.everyone.get(), context.deadline(), [&] {
    if (settings_.has_model) make_trainer(learned, std::move(pair));
    if (model_) process_->use(*model_);
    const Config table = context_.run_file.table("twin").table(settings_.name);
    leave_to_others(context_.run_file, settings_.name);
    table.reject_unknown();
  });
  if (model_ && !model_->ready() && settings_.trainer == TrainerPlace::idle) {
    crew_.share(model_->state());
    model_->warm_up();
  }
  for (const auto& feature : signature_.outputs)
    answer_.emplace_back(static_cast<std::size_t>(feature.bytes()));
  answer_.emplace_back(sizeof(Mark));
  for (auto& field : answer_) columns_.push_back(field.data());
  if (!crew_.leads()) return;
  gathering_.emplace(ends_, settings_);
  outgoing_.emplace(ends_);
}

void TwinDuty::check_ranks() const
{
  const int ml = mpi::size(context_.part.get());
  const Config table = context_.run_file.table("twin").table(settings_.name);
  const bool own = settings_.trainer == TrainerPlace::own;
  if (own && ml < 2)
    throw table.error("trainer", "there is one ML rank", "Start another, or set it to \"idle\".");
  if (own && context_.settings.deterministic)
    throw table.error("trainer", "a deterministic run does not wait for it",
                      "Set it to \"idle\", or [run] deterministic = false.");
  // Two that wait for each other in another order would wait for ever.
  if (crew_.ranks() > 1 && context_.count(&Roles::training) > 1 &&
      !closure::surrogate_names(context_.run_file).empty())
    throw table.error("ranks", "several ML ranks train surrogates together",
                      "Set it to 1, or [ranks] training = 1.");
  if (settings_.ranks > (own ? ml - 1 : ml))
    throw table.error("ranks",
                      fmt::format("there are {} ML ranks{}", ml, own ? ", one of them trains" : ""),
                      "Start more, or set it to that or less.");
}

void TwinDuty::make_process()
{
  const Config table = context_.run_file.table("twin").table(settings_.name);
  const Config options = table.table("options");
  TwinPlace place;
  place.name = settings_.name;
  place.comm = crew_.comm();
  place.rank = crew_.rank();
  place.ranks = crew_.ranks();
  place.asset_ranks = static_cast<int>(ends_.simulation.size());
  place.period = settings_.period;
  place.seed = static_cast<std::uint64_t>(context_.settings.seed);
  place.threads = context_.threads;
  place.quiet = context_.settings.quiet;
  place.folder = context_.folder;
  process_ = find_maker(table, settings_.kind)(options, signature_, place);
  if (!process_) throw Error{fmt::format("the maker of twin '{}' made none", settings_.name)};
  options.reject_unknown();
}

void TwinDuty::make_model()
{
  const auto learned = process_->learns();
  if (!learned)
    throw context_.run_file.table("twin")
        .table(settings_.name)
        .error("model", fmt::format("a twin of kind \"{}\" has none", settings_.kind),
               "Leave it out.");
  model_.emplace(context_.run_file, settings_, *learned, context_.threads);
}

/// What the model maps, on a trainer's own rank as well: the first twin rank's. Collective over the
/// ML ranks then.
Signature TwinDuty::learned_by_all() const
{
  Signature learned;
  if (model_) learned = process_->learns().value_or(Signature{});
  if (settings_.trainer != TrainerPlace::own) return learned;
  for (Features* features : {&learned.inputs, &learned.outputs})
    *features = features_of(channel::unpack(mpi::broadcast(
        context_.part.get(), channel::pack(specs_of(*features)), 0, context_.deadline())));
  return learned;
}

/// A model that was loaded from a file stays as it is.
void TwinDuty::make_trainer(const Signature& learned, mpi::Comm pair)
{
  const bool own = settings_.trainer == TrainerPlace::own;
  if (model_ && model_->ready()) {
    if (own)
      throw context_.run_file.table("twin")
          .table(settings_.name)
          .error("trainer", "a model from a file is not trained", "Leave it out.");
    return;
  }
  const auto make = [&] {
    return Trainer{context_.run_file, settings_, learned,
                   static_cast<std::uint64_t>(context_.settings.seed) + 1, context_.threads};
  };
  if (crew_.leads()) {
    const double period =
        settings_.realtime ? settings_.period : std::numeric_limits<double>::infinity();
    if (own) {
      teacher_ = std::make_unique<FarTeacher>(std::move(pair), learned, model_->state().size());
    } else {
      Trainer trainer = make();
      model_->state() = trainer.state();
      teacher_ = std::make_unique<IdleTeacher>(std::move(trainer), settings_.train.slice, period);
    }
    model_->learn_from(teacher_.get());
  } else if (own && !crew_.works() && pair) {
    trainer_.emplace(std::move(pair), make(), learned, settings_.train.slice);
  }
}

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  return std::make_unique<TwinDuty>(context, read_settings(context.run_file, name));
}

}  // namespace cardan::twin
