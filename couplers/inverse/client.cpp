#include "couplers/inverse/client.hpp"

#include "couplers/inverse/designer.hpp"
#include "couplers/inverse/sampler.hpp"
#include "couplers/inverse/wire.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <numeric>

namespace cardan::inverse {

namespace {

/// The first simulation rank's numbers, on all ranks of the session; the functions are each rank's
/// own.
Measure shared_measure(const Context& context, const Settings& settings,
                       const InverseProblem& problem)
{
  Measure mine;
  mpi::together(context.part.get(), context.deadline(),
                [&] { mine = measure_of(settings.name, problem); });
  return unpack_measure(mpi::broadcast(context.everyone.get(), pack(mine),
                                       context.first(&Roles::simulation), context.deadline()));
}

}  // namespace

Client::Client(const Context& context, const Settings& settings, const InverseProblem& problem)
    : context_(context),
      settings_(settings),
      problem_(problem),
      measure_(shared_measure(context, settings, problem)),
      alarm_(context.part.get()),
      worker_(context, settings.name, settings.depth, shape_of(measure_)),
      numbers_(measure_.data.size() + measure_.parameters()),
      cotangent_(measure_.data.size())
{}

Client::~Client() = default;

void Client::abandon() noexcept
{
  worker_.abandon();
  alarm_.abandon();
}

const InverseReport& Client::run()
{
  try {
    if (worker_.coupled())
      work();
    else
      work_alone();
  } catch (const std::exception& error) {
    alarm_.raise(error.what());
    throw;
  } catch (...) {
    alarm_.raise("an exception without a message");
    throw;
  }
  return report_;
}

std::span<const double> Client::solve(std::span<const double> theta, bool gradient)
{
  const std::size_t m = measure_.data.size();
  const std::span<double> numbers{numbers_};
  const std::span<double> predicted = numbers.first(m);
  problem_.solve(theta, predicted);
  if (!gradient) return predicted;
  for (std::size_t j = 0; j < m; ++j)
    cotangent_[j] = (measure_.data[j] - predicted[j]) /
                    (measure_.data_deviation[j] * measure_.data_deviation[j]);
  problem_.pull_back(theta, cotangent_, numbers.last(measure_.parameters()));
  return numbers;
}

void Client::take_samples(std::span<const double> numbers)
{
  const std::size_t length = sample_head + measure_.parameters();
  for (std::size_t i = 0; i + length <= numbers.size(); i += length) {
    const auto theta = numbers.subspan(i + sample_head, measure_.parameters());
    samples_.push_back({static_cast<int>(numbers[i]),
                        static_cast<std::int64_t>(numbers[i + 1]),
                        numbers[i + 2],
                        numbers[i + 3],
                        {theta.begin(), theta.end()}});
  }
}

/// What the ML rank says, until it says that the run is over.
void Client::work()
{
  steering::ReportHeader header;
  header.tag = begins;
  const std::vector<double> nothing(static_cast<std::size_t>(shape_of(measure_).result));
  const std::array<Field, 1> fields{Field{nothing}};
  static_cast<void>(worker_.client().report(header, fields, steering::Full::wait));
  std::vector<double> report;
  samples_.clear();
  while (const auto order = worker_.next([&] { alarm_.check(); })) {
    switch (order->kind) {
      case Kind::solve: worker_.give(*order, solve(order->numbers, false)); continue;
      case Kind::differentiate: worker_.give(*order, solve(order->numbers, true)); continue;
      case Kind::samples: take_samples(order->numbers); break;
      case Kind::report:
        report.insert(report.end(), order->numbers.begin(), order->numbers.end());
        break;
      case Kind::failed: {
        const std::string message = message_of(order->numbers);
        worker_.give(*order, {});
        throw Error{fmt::format("inverse problem '{}' failed on the ML rank", settings_.name),
                    message};
      }
      default: break;
    }
    worker_.give(*order, {});
    if (order->kind != Kind::finished) continue;
    report_ = unpack(report);
    return;
  }
  throw Error{fmt::format("inverse problem '{}' has no ML rank any more", settings_.name),
              "it has left before the run was over"};
}

/// Chains of this rank's own, without a surrogate.
void Client::work_alone()
{
  if (!alone_) {
    const int size = mpi::size(context_.part.get());
    std::vector<int> chains;
    for (int chain = mpi::rank(context_.part.get()); chain < settings_.chains; chain += size)
      chains.push_back(chain);
    if (settings_.mode == Mode::design)
      alone_ = std::make_unique<Designer>(settings_, measure_, chains, nullptr);
    else
      alone_ = std::make_unique<Sampler>(settings_, measure_, chains, nullptr);
  }
  alone_->begin();
  // Rounds that no chain waits for: a rank that is done hears in each that the others go on.
  auto deadline = context_.deadline();
  mpi::Waiter waiter;
  while (true) {
    if (!alone_->done()) step_alone();
    alarm_.check();
    if (round_ != MPI_REQUEST_NULL) {
      int completed = 0;
      mpi::check(MPI_Test(&round_, &completed, MPI_STATUS_IGNORE), "MPI_Test");
      if (completed == 0) {
        if (!alone_->done()) continue;
        if (deadline.passed()) mpi::throw_late("the chains of the other simulation ranks");
        waiter.pause();
        continue;
      }
      if (working_ == 0) break;
      deadline = context_.deadline();
    }
    works_ = alone_->done() ? 0 : 1;
    mpi::check(
        MPI_Iallreduce(&works_, &working_, 1, MPI_INT64_T, MPI_SUM, context_.part.get(), &round_),
        "MPI_Iallreduce");
  }
  join();
}

void Client::step_alone()
{
  if (const auto ask = alone_->next())
    alone_->answer(ask->id, solve(ask->theta, ask->gradient));
  else
    static_cast<void>(alone_->work());
}

/// Collective over the simulation ranks: the best design of all.
void Client::join_designs()
{
  const MPI_Comm comm = context_.part.get();
  report_ = alone_->report();
  struct {
    double value;
    int rank;
  } best{static_cast<const Designer&>(*alone_).best_value(), mpi::rank(comm)};
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &best, 1, MPI_DOUBLE_INT, MPI_MINLOC, comm),
             "MPI_Allreduce");
  report_.design.resize(measure_.parameters());
  mpi::check(MPI_Bcast(report_.design.data(), static_cast<int>(report_.design.size()), MPI_DOUBLE,
                       best.rank, comm),
             "MPI_Bcast");
  mpi::check(MPI_Bcast(&report_.misfit, 1, MPI_DOUBLE, best.rank, comm), "MPI_Bcast");
  std::array<std::int64_t, 3> counts{report_.solves, report_.failed, report_.steps};
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, counts.data(), 3, MPI_INT64_T, MPI_SUM, comm),
             "MPI_Allreduce");
  report_.solves = counts[0];
  report_.failed = counts[1];
  report_.steps = counts[2];
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &report_.seconds, 1, MPI_DOUBLE, MPI_MAX, comm),
             "MPI_Allreduce");
  const int mine = static_cast<int>(report_.misfits.size());
  std::vector<int> lengths(static_cast<std::size_t>(mpi::size(comm)));
  mpi::check(MPI_Allgather(&mine, 1, MPI_INT, lengths.data(), 1, MPI_INT, comm), "MPI_Allgather");
  std::vector<int> offsets(lengths.size(), 0);
  std::partial_sum(lengths.begin(), lengths.end() - 1, offsets.begin() + 1);
  std::vector<double> misfits(static_cast<std::size_t>(offsets.back() + lengths.back()));
  mpi::check(MPI_Allgatherv(report_.misfits.data(), mine, MPI_DOUBLE, misfits.data(),
                            lengths.data(), offsets.data(), MPI_DOUBLE, comm),
             "MPI_Allgatherv");
  report_.misfits = std::move(misfits);
}

/// Collective over the simulation ranks: what all chains make together.
void Client::join()
{
  alarm_.meet(context_.deadline(), "the end of an inverse problem");
  if (settings_.mode == Mode::design) {
    join_designs();
    return;
  }
  const auto& sampler = static_cast<const Sampler&>(*alone_);
  const MPI_Comm comm = context_.part.get();
  const int rank = mpi::rank(comm);
  const int size = mpi::size(comm);
  InverseReport report = sampler.counts();
  std::array<std::int64_t, 8> counts{report.solves,   report.solves_before, report.failed,
                                     report.proposed, report.passed,        report.decided,
                                     report.accepted, report.steps};
  const std::size_t n = measure_.parameters();
  const std::size_t chain_numbers = n * sizeof(ChainSummary) / sizeof(double);
  std::vector<double> sums(static_cast<std::size_t>(settings_.chains) * chain_numbers, 0);
  const auto mine = sampler.summaries();
  for (std::size_t c = 0; c < sampler.chains().size(); ++c)
    std::memcpy(sums.data() + static_cast<std::size_t>(sampler.chains()[c].number) * chain_numbers,
                mine.data() + c * n, n * sizeof(ChainSummary));
  double seconds = sampler.seconds();
  const auto wait = [&](MPI_Request& request) {
    alarm_.wait(request, context_.deadline(), "the chains of the other simulation ranks");
  };
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, counts.data(), static_cast<int>(counts.size()),
                            MPI_INT64_T, MPI_SUM, comm, &request),
             "MPI_Iallreduce");
  wait(request);
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE,
                            MPI_SUM, comm, &request),
             "MPI_Iallreduce");
  wait(request);
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, comm, &request),
             "MPI_Iallreduce");
  wait(request);
  std::vector<ChainSummary> all(static_cast<std::size_t>(settings_.chains) * n);
  std::memcpy(static_cast<void*>(all.data()), sums.data(), all.size() * sizeof(ChainSummary));
  report.solves = counts[0];
  report.solves_before = counts[1];
  report.failed = counts[2];
  report.proposed = counts[3];
  report.passed = counts[4];
  report.decided = counts[5];
  report.accepted = counts[6];
  report.steps = counts[7];
  report.seconds = seconds;
  complete(report, all, n);
  report_ = report;
  samples_.clear();
  for (int chain = rank; chain < settings_.chains; chain += size) {
    const auto of_chain = alone_->samples(chain);
    samples_.insert(samples_.end(), of_chain.begin(), of_chain.end());
  }
}

}  // namespace cardan::inverse
