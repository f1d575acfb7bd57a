// The steps of a simulation, and what is kept of them.

#include "couplers/closure/client.hpp"
#include "session/implementation.hpp"

#include <cardan/error.hpp>

#include <filesystem>

namespace cardan {

void Session::Implementation::begin_checkpoints(const SessionOptions& options)
{
  CheckpointSettings settings;
  MPI_Comm everyone = context.everyone.get();
  const int root = context.first(&Roles::simulation);
  // The options of a program beside the simulation do not count.
  const bool mine = mpi::rank(everyone) == root;
  const std::string folder =
      mpi::broadcast(everyone, mine ? left_behind_.folder : "", root, context.deadline());
  mpi::together(everyone, context.deadline(), [&] {
    settings = read_checkpoint_settings(context.run_file);
    // A replay has nothing to add to what the run left.
    if (!options.replay.empty()) settings.file.clear();
    if (settings.file.empty()) return;
    settings.file = (std::filesystem::path(folder) / settings.file).lexically_normal().string();
    // Where that fails, what follows says so.
    std::error_code none;
    if (mine) std::filesystem::create_directories(folder, none);
  });
  checkpoints = std::make_unique<Checkpoints>(context, settings, options.restart);
  context.restart = checkpoints->restart();
  checkpoints->tell = [this](std::int64_t sequence) {
    provenance->flush();
    ++checkpoints_told_;
    for (auto* client : context.clients) client->mark(checkpoints_told_);
    control.tell({Control::Kind::checkpoint, checkpoints_told_, sequence});
  };
  checkpoints->tell_field = [this](int field) { control.tell({Control::Kind::field, field}); };
  checkpoints->add_clients = [this](checkpoint::Snapshot& snapshot) {
    for (const auto* client : context.clients) client->snapshot(snapshot);
  };
}

void Session::Implementation::end_provenance(bool failed)
{
  if (!context.mine().simulation) return;
  for (const auto& file : checkpoints->written()) provenance->checkpoint(file);
  if (!failed && checkpoints->stopping()) provenance->stopped(checkpoints->why());
  provenance->finish(failed, ml_library);
}

std::int64_t Steps::next(std::int64_t step) const
{
  Checkpoints& checkpoints = *session_->implementation().checkpoints;
  checkpoints.step_done(step + 1, step + 1 == count_);
  session_->implementation().provenance->step_done(step + 1);
  const bool splits = session_->implementation().step_ended(step + 1, step + 1 == count_);
  return splits || checkpoints.stopping() ? count_ : step + 1;
}

Steps Session::steps(std::int64_t count)
{
  Context& context = implementation_->context;
  implementation_->check_run_file();
  ++context.loop;
  const Checkpoints& checkpoints = *implementation_->checkpoints;
  const std::int64_t first =
      checkpoints.stopping() || splitting() ? count : checkpoints.first_step(count);
  if (first < count) implementation_->begin_loop(first);
  return {*this, context.step, first, count};
}

void Session::begin_step(std::int64_t step)
{
  Context& context = implementation_->context;
  if (context.loop == 0 || step < context.step) {
    implementation_->check_run_file();
    ++context.loop;
    implementation_->begin_loop(step);
  } else if (step > context.step) {
    implementation_->checkpoints->step_done(step, false);
    implementation_->provenance->step_done(step);
    static_cast<void>(implementation_->step_ended(step, false));
  }
  context.step = step;
}

bool Session::protect(const std::string& name, const Field& field, const ProtectOptions& options)
{
  return implementation_->checkpoints->protect(name, field, options);
}

void Session::before_checkpoint(std::function<void()> work)
{
  implementation_->checkpoints->before(std::move(work));
}

void Session::checkpoint()
{
  const Context& context = implementation_->context;
  // The last one is written then, and a step that has begun since is not done.
  if (stopping()) return;
  implementation_->checkpoints->write(context.loop > 0 ? context.step + 1 : first_step());
}

bool Session::finish_checkpoints()
{
  return implementation_->checkpoints->finish();
}

bool Session::restarted() const
{
  return implementation_->context.restart != nullptr;
}

std::int64_t Session::first_step() const
{
  return implementation_->checkpoints->restart_step();
}

bool Session::stopping() const
{
  return implementation_->checkpoints->stopping();
}

}  // namespace cardan
