#include "session/implementation.hpp"

#include "channel/node.hpp"
#include "channel/pool.hpp"
#include "couplers/closure/settings.hpp"
#include "couplers/closure/team.hpp"
#include "session/threads.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

namespace cardan {

// Nothing is kept from a rank's own copy of the run file: all ranks work by the text that the first
// rank read.
void Session::Implementation::read_run_file(const std::string& path)
{
  MPI_Comm everyone = context.everyone.get();
  std::string text;
  mpi::together(everyone, mpi::Deadline::in(60), [&] {
    if (mpi::rank(everyone) == 0) text = Config::from_file(path).text();
  });
  text = mpi::broadcast(everyone, text, 0, mpi::Deadline::in(60));
  mpi::together(everyone, mpi::Deadline::in(60), [&] {
    context.run_file = Config::from_text(text, path);
    context.settings = read_run_settings(context.run_file);
    axes = read_axes(context.run_file);
    left_behind_ = provenance::read_settings(context.run_file);
  });
}

void Session::Implementation::split(const SessionOptions& options)
{
  MPI_Comm everyone = context.everyone.get();
  const auto size = static_cast<std::size_t>(mpi::size(everyone));
  const mpi::Comm node = mpi::node(everyone);
  int leader = mpi::rank(everyone);
  mpi::check(MPI_Bcast(&leader, 1, MPI_INT, 0, node.get()), "MPI_Bcast");

  const std::array<std::int64_t, 5> mine{leader, options.program == Program::ml ? 1 : 0,
                                         options.without_ml || !options.replay.empty() ? 1 : 0,
                                         options.seed ? 1 : 0, options.seed.value_or(0)};
  std::vector<std::array<std::int64_t, 5>> all(size);
  mpi::check(MPI_Allgather(mine.data(), 5, MPI_INT64_T, all.data(), 5, MPI_INT64_T, everyone),
             "MPI_Allgather");

  const MlShare share = read_share(context.run_file);
  std::vector<bool> ml(size);
  std::vector<int> nodes(size);
  for (std::size_t r = 0; r < size; ++r) {
    ml[r] = all[r][1] != 0;
    nodes[r] = static_cast<int>(all[r][0]);
  }
  const auto programs = static_cast<std::size_t>(std::count(ml.begin(), ml.end(), true));
  if (programs == size)
    throw Error{"no rank simulates (all ranks run cardan-ml)", "",
                "Launch the simulation beside it: mpirun -n 2 simulation run.toml : -n 1 cardan-ml "
                "run.toml."};
  const auto first = static_cast<std::size_t>(std::find(ml.begin(), ml.end(), false) - ml.begin());
  const bool without = all[first][2] != 0;
  programs_ = ml;
  without_ml_ = without;
  if (programs == 0 && !without) ml = choose_ml_ranks(share, nodes, context.run_file);
  context.roles = assign_roles(ml, share, context.run_file);
  if (all[first][3] != 0) context.settings.seed = all[first][4];

  const Roles& roles = context.mine();
  context.part = mpi::split(everyone, roles.simulation ? 0 : 1);
  // ML ranks that the simulation does not want (`without_ml`) serve, and are never asked.
  context.threads = threads_for(node.get());

  std::array<char, MPI_MAX_PROCESSOR_NAME> host{};
  int length = 0;
  MPI_Get_processor_name(host.data(), &length);
  std::vector<char> hosts(size * host.size());
  mpi::check(MPI_Allgather(host.data(), MPI_MAX_PROCESSOR_NAME, MPI_CHAR, hosts.data(),
                           MPI_MAX_PROCESSOR_NAME, MPI_CHAR, everyone),
             "MPI_Allgather");
  for (std::size_t r = 0; r < size; ++r)
    map.push_back({hosts.data() + r * host.size(), to_string(context.roles[r])});
}

/// Reads every surrogate's tables once, so that what is wrong in them is found before the first
/// step.
void Session::Implementation::check_surrogates()
{
  surrogates = closure::surrogate_names(context.run_file);
  for (const auto& name : surrogates) {
    const auto settings = closure::read_surrogate(context.run_file, name);
    static_cast<void>(closure::read_training(context.run_file, name));
    static_cast<void>(closure::team_roles(context.roles, settings, context.run_file));
    if (context.mine().simulation) closure::leave_to_module(context.run_file, name);
  }
}

Session::Implementation::Implementation(MPI_Comm comm, const std::string& run_file,
                                        const SessionOptions& options)
    : exceptions_(std::uncaught_exceptions())
{
  context.everyone = mpi::duplicate(comm);
  read_run_file(run_file);
  SessionOptions chosen = options;
  if (chosen.replay.empty()) chosen.replay = left_behind_.replay;
  replays_ = !chosen.replay.empty();
  if (chosen.folder) left_behind_.folder = *chosen.folder;
  mpi::together(context.everyone.get(), mpi::Deadline::in(60), [&] {
    split(chosen);
    check_surrogates();
    couplers = read_couplers(context);
  });
  context.choice = channel::choose(context.everyone.get(), context.settings.transport,
                                   context.settings.between_nodes, context.settings.deadline);
  channel::keep_node(context.everyone.get());
  // The options of a program beside the simulation do not count.
  context.folder = mpi::broadcast(context.everyone.get(),
                                  left_behind_.provenance ? left_behind_.folder : std::string(),
                                  context.first(&Roles::simulation), context.deadline());
  begin_checkpoints(chosen);
  const bool steers = std::any_of(couplers.begin(), couplers.end(), [](const auto& coupler) {
    return coupler.family != Family::service;
  });
  provenance.emplace(context, left_behind_, map, surrogates, steers, chosen.replay);
}

// Everyone leaves together, or windows are left to the end of the process: freeing one waits for
// all its ranks, and a rank that has failed may never come.
Session::Implementation::~Implementation()
{
  *context.life = false;
  const bool failed = failed_ || std::uncaught_exceptions() > exceptions_;
  bool together = !failed;
  try {
    if (together && context.mine().simulation) checkpoints->finish();
    for (auto& streams : streams_) streams->close();
    if (context.mine().simulation)
      for (auto& end : ends_) end->close();
    end_provenance(failed);
    if (context.mine().simulation)
      control.tell({failed ? Control::Kind::failed : Control::Kind::end, 0});
    if (together) {
      MPI_Request request = MPI_REQUEST_NULL;
      mpi::check(MPI_Ibarrier(context.everyone.get(), &request), "MPI_Ibarrier");
      // Simulation ranks need not end at the same time: patience, but not for ever.
      mpi::wait(request, mpi::Deadline::in(10 * context.settings.deadline),
                "the end of the session");
    }
  } catch (const std::exception& error) {
    log("the session did not end together: ", error.what());
    together = false;
  }
  if (together) return;
  if (context.choice.pool) context.choice.pool->abandon();
  for (auto& streams : streams_) {
    streams->abandon();
    static_cast<void>(streams.release());
  }
  for (auto* duties : {&services_, &ends_})
    for (auto& duty : *duties) {
      duty->abandon();
      static_cast<void>(duty.release());
    }
  // Words of this session may still be under way: no communicator of a later one is taken for it.
  static_cast<void>(context.everyone.leave());
  static_cast<void>(context.part.leave());
}

closure::Streams* Session::Implementation::open(const std::string& name,
                                                const closure::Binding& binding)
{
  const auto index = std::find(surrogates.begin(), surrogates.end(), name) - surrogates.begin();
  const auto settings = closure::read_surrogate(context.run_file, name);
  check_run_file();
  // A model from a file that is evaluated inside has nothing to do with other ranks.
  const bool alone = settings.place == closure::Place::inside && !settings.trained;
  if (context.count(&Roles::simulation) == static_cast<int>(context.roles.size()) || alone) {
    closure::check_alike(context, settings, binding);
    return nullptr;
  }
  control.tell({Control::Kind::open, static_cast<int>(index)});
  streams_.push_back(std::make_unique<closure::Streams>(
      context, settings, binding,
      [](const closure::Team&, const closure::Binding&) { return std::size_t{0}; }));
  ml_library = mpi::broadcast(context.everyone.get(), "", context.first(&Roles::inference),
                              context.deadline());
  if (context.restart != nullptr) mpi::together(context.everyone.get(), context.deadline(), [] {});
  announce(*streams_.back());
  return streams_.back().get();
}

std::unique_ptr<Surrogate::Implementation> Session::Implementation::surrogate(
    const std::string& name)
{
  if (std::find(surrogates.begin(), surrogates.end(), name) == surrogates.end()) {
    const std::string near = nearest(name, surrogates);
    throw Error{fmt::format("{} has no [surrogate.{}]", context.run_file.name(), name),
                surrogates.empty() ? "it has no surrogates"
                                   : fmt::format("known: {}", fmt::join(surrogates, ", ")),
                near.empty() ? "" : fmt::format("Did you mean '{}'?", near)};
  }
  const auto settings = closure::read_surrogate(context.run_file, name);
  return provenance->watched(
      settings,
      closure::make_client(context, settings, [this, name](const closure::Binding& binding) {
        return open(name, binding);
      }));
}

void Session::Implementation::check_run_file()
{
  if (checked_) return;
  mpi::together(context.part.get(), context.deadline(), [&] { context.run_file.reject_unknown(); });
  checked_ = true;
}

void Session::Implementation::announce(const closure::Streams& streams)
{
  if (context.settings.quiet || mpi::rank(context.part.get()) != 0) return;
  const int ml = static_cast<int>(context.roles.size()) - context.count(&Roles::simulation);
  const auto& lanes = streams.request ? *streams.request : *streams.observation;
  log(fmt::format("{} simulation and {} ML ranks ({} infer, {} train), transport {} ({}; {}), {}",
                  context.count(&Roles::simulation), ml, streams.team.count(&Roles::inference),
                  streams.team.count(&Roles::training), to_string(lanes.transport()),
                  context.choice.reason, channel::mpi_description(), ml_library));
}

Session::Session(MPI_Comm comm, const std::string& run_file, const SessionOptions& options)
    : implementation_(std::make_unique<Implementation>(comm, run_file, options))
{}

Session::~Session() = default;

bool Session::serves() const
{
  return !implementation_->context.mine().simulation;
}

int Session::serve()
{
  return implementation_->serve();
}

MPI_Comm Session::comm() const
{
  return implementation_->context.part.get();
}

Config Session::config(const std::string& table) const
{
  return implementation_->context.run_file.table(table);
}

Field Session::arranged(const std::string& name, const Field& field, std::string_view axes) const
{
  return arrange(implementation_->context.run_file, implementation_->axes, name, field, axes);
}

Surrogate Session::surrogate(const std::string& name)
{
  return Surrogate{implementation_->surrogate(name)};
}

std::int64_t Session::step() const
{
  return implementation_->context.step;
}

int Session::ml_ranks() const
{
  const auto& context = implementation_->context;
  return static_cast<int>(context.roles.size()) - context.count(&Roles::simulation);
}

std::int64_t Session::seed() const
{
  return implementation_->context.settings.seed;
}

const std::vector<RankPlace>& Session::rank_map() const
{
  return implementation_->map;
}

const std::string& Session::ml_library() const
{
  return implementation_->ml_library;
}

const std::string& Session::run_file_text() const
{
  return implementation_->context.run_file.text();
}

}  // namespace cardan
