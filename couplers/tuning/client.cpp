#include "couplers/tuning/client.hpp"

#include "couplers/tuning/brain.hpp"
#include "couplers/tuning/conductor.hpp"
#include "couplers/tuning/report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>

namespace cardan::tuning {

namespace {

/// Seconds that ranks wait for each other's pieces, in units of the run's deadline.
constexpr double patient = 10;
constexpr int talk_tag = 0;

/// Collective over the simulation ranks: the most bytes of a state, the same on all.
std::size_t state_bytes(const Context& context, const Settings& settings, const TuningShape& shape,
                        Pupils* pupils)
{
  std::uint64_t bytes = shape.state_bytes;
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (bytes == 0 && pupils != nullptr) bytes = pupils->state_bytes();
    if (settings.scheduler.kind != SchedulerSettings::Kind::population) return;
    if (bytes == 0)
      throw Error{fmt::format("tuning '{}' is a population without states", settings.name),
                  "its members go on from each other's", "Set TuningShape::state_bytes."};
    if (!Shards::possible(context))
      throw Error{fmt::format("tuning '{}' is a population without windows", settings.name),
                  "its members go on from each other's states, which lie in them",
                  "Take another [transport] than \"two_sided\", or another scheduler."};
  });
  const auto first =
      mpi::broadcast(context.part.get(), std::to_string(bytes), 0, context.deadline());
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (shape.state_bytes > 0 && first != std::to_string(bytes))
      throw Error{
          fmt::format("tuning '{}' was opened with states of {} bytes", settings.name, bytes),
          "the first rank said " + first, "Give all ranks the same."};
  });
  return std::stoull(first);
}

std::unique_ptr<Pupils> pupils_of(const Context& context, const Settings& settings,
                                  const Signature& signature)
{
  std::unique_ptr<Pupils> pupils;
  mpi::together(context.part.get(), context.deadline(), [&] {
    const bool model = context.run_file.table("tuning").table(settings.name).has("model");
    if (model && !signature.outputs.empty())
      pupils = std::make_unique<Pupils>(context, settings, signature);
  });
  return pupils;
}

tasks::Shape shape_of(const Settings& settings, int ranks)
{
  return {order_numbers(ranks, settings.slots_of(ranks), settings.space.parameters.size()),
          Answer::size};
}

}  // namespace

Client::Client(const Context& context, const Settings& settings, const TuningShape& shape)
    : context_(context),
      settings_(settings),
      signature_{shape.inputs, shape.outputs},
      alarm_(context.part.get()),
      talk_(mpi::duplicate(context.part.get())),
      rank_(mpi::rank(context.part.get())),
      ranks_(mpi::size(context.part.get())),
      slots_(settings.slots_of(ranks_)),
      samples_(context, settings.name, signature_, settings.samples),
      pupils_(pupils_of(context, settings, signature_)),
      store_(context, slots_ + 1, state_bytes(context, settings, shape, pupils_.get())),
      worker_(context, settings.name, depth, shape_of(settings, ranks_)),
      live_(static_cast<std::size_t>(slots_) + 1, false),
      best_loss_(std::numeric_limits<double>::infinity())
{
  for (const Parameter& parameter : settings_.space.parameters) names_.push_back(parameter.name);
}

double Client::patience() const
{
  return patient * context_.settings.deadline;
}

const std::vector<std::string>& Client::words(std::string_view name) const
{
  const auto& parameters = settings_.space.parameters;
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& each) { return each.name == name; });
  if (found == parameters.end())
    throw Error{fmt::format("tuning '{}' has no '{}'", settings_.name, name),
                fmt::format("known: {}", fmt::join(names_, ", "))};
  return found->words;
}

void Client::observe(Tuning::Fields inputs, Tuning::Fields outputs, Samples::Use use)
{
  samples_.add(inputs, outputs, use);
}

Tuning::Data Client::samples(Samples::Use use)
{
  samples_.refresh();
  return {samples_.inputs(use).batch(), samples_.outputs(use).batch()};
}

TuningWork Client::model_work()
{
  if (!pupils_)
    throw Error{
        fmt::format("tuning '{}' has no model to train", settings_.name),
        signature_.outputs.empty() ? "it was opened without fields" : "its table has no model",
        "Write model = { kind = \"mlp\" }, and name fields in TuningShape."};
  return pupils_->work(samples_);
}

void Client::check(const TuningWork& work)
{
  mpi::together(talk_.get(), context_.deadline(), [&] {
    if (!work.begin || !work.train || !work.drop)
      throw Error{fmt::format("tuning '{}' is run without all of its work", settings_.name),
                  "begin, train and drop are needed"};
    if (store_.bytes() > 0 && (!work.save || !work.load))
      throw Error{fmt::format("tuning '{}' is run without save or load", settings_.name),
                  fmt::format("its states have {} bytes", store_.bytes()),
                  "Give both, or set TuningShape::state_bytes to 0."};
  });
}

// An error of one rank ends the run on all simulation ranks: those that wait for others hear of it.
const TuningReport& Client::run(const TuningWork& work)
{
  if (ran_) return report_;
  ran_ = true;
  check(work);
  work_ = &work;
  try {
    if (worker_.coupled())
      obey();
    else if (rank_ == 0)
      lead_alone();
    else
      wait_for_leader();
    for (int slot = 0; slot <= slots_; ++slot) drop(slot);
    end();
  } catch (const std::exception& error) {
    alarm_.raise(error.what());
    throw;
  } catch (...) {
    alarm_.raise("an exception without a message");
    throw;
  }
  work_ = nullptr;
  return report_;
}

Answer Client::greet()
{
  Answer answer;
  answer.samples = samples_.own(Samples::Use::training);
  answer.held_out = samples_.own(Samples::Use::held_out);
  answer.lost = samples_.lost();
  answer.simulates = static_cast<bool>(work_->simulate);
  answer.moves = store_.bytes() > 0 && store_.shared();
  return answer;
}

Answer Client::simulate()
{
  const std::int64_t made = work_->simulate();
  Answer answer = greet();
  answer.made = made;
  return answer;
}

void Client::obey()
{
  while (const auto order = worker_.next([&] { alarm_.check(); })) {
    Answer answer;
    switch (static_cast<Kind>(order->kind)) {
      case Kind::hello: answer = greet(); break;
      case Kind::train: answer = train(TrainOrder::from(order->numbers), order->id); break;
      case Kind::simulate: answer = simulate(); break;
      case Kind::account:
        said_.insert(said_.end(), order->numbers.begin(), order->numbers.end());
        break;
    }
    worker_.give(*order, answer.numbers());
  }
}

void Client::lead_alone()
{
  const auto begun = std::chrono::steady_clock::now();
  const auto now = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  Conductor conductor{settings_, 1};
  conductor.hello(0, greet(), now());
  for (std::int64_t id = 0; !conductor.done(); ++id) {
    const double before = now();
    const auto work = conductor.deal();
    if (!work) continue;
    if (work->kind == Kind::train) {
      const Answer answer = train(work->orders.front(), id);
      conductor.trained(0, answer, now() - before, now());
    } else {
      const Answer answer = simulate();
      conductor.simulated(0, answer, now() - before, now());
    }
    tell_others(false);
  }
  const TuningReport& report = conductor.finish(0, now());
  said_ = numbers_of(report, conductor.best_rank());
  leave_behind(report, settings_, context_.folder);
  tell_others(true);
}

void Client::tell_others(bool over)
{
  static const char words[2] = {0, 1};
  for (int rank = 1; rank < ranks_; ++rank) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(MPI_Isend(&words[over ? 1 : 0], 1, MPI_CHAR, rank, talk_tag, talk_.get(), &request),
               "MPI_Isend");
    mpi::check(MPI_Request_free(&request), "MPI_Request_free");
  }
}

/// Without ML ranks: the first rank says after each piece that it goes on.
void Client::wait_for_leader()
{
  char over = 0;
  while (over == 0) {
    int waiting = 0;
    const bool came = alarm_.wait_until(
        [&] {
          mpi::check(MPI_Iprobe(0, talk_tag, talk_.get(), &waiting, MPI_STATUS_IGNORE),
                     "MPI_Iprobe");
          return waiting != 0;
        },
        mpi::Deadline::in(patience()));
    if (!came) mpi::throw_late("a piece of the first rank's training");
    mpi::check(MPI_Recv(&over, 1, MPI_CHAR, 0, talk_tag, talk_.get(), MPI_STATUS_IGNORE),
               "MPI_Recv");
  }
}

void Client::abandon() noexcept
{
  worker_.abandon();
  samples_.abandon();
  store_.abandon();
  alarm_.abandon();
  static_cast<void>(talk_.leave());
}

}  // namespace cardan::tuning
