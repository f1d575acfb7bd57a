#include "couplers/pipeline/client.hpp"

#include "couplers/pipeline/ledger.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstring>
#include <exception>

namespace cardan::pipeline {

namespace {

/// Seconds that ranks wait for each other at the end, in units of the run's deadline.
constexpr double patience = 10;

std::string to_text(const std::vector<double>& numbers)
{
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double)};
}

std::vector<double> to_numbers(const std::string& text)
{
  std::vector<double> numbers(text.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), text.data(), numbers.size() * sizeof(double));
  return numbers;
}

}  // namespace

Client::Client(const Context& context, const Settings& settings, const PipelineShape& shape)
    : context_(context),
      settings_(settings),
      shape_(shape),
      layout_(shape.features),
      alarm_(context.part.get()),
      values_(static_cast<std::size_t>(shape.values)),
      features_(layout_.bytes)
{
  settings_.seed = static_cast<std::uint64_t>(context.settings.seed);
  for (const auto offset : layout_.offsets) columns_.push_back(features_.data() + offset);
  if (static_cast<std::size_t>(context.count(&Roles::simulation)) < context.roles.size())
    static_cast<void>(share_shape(context, shape));
  worker_.emplace(context, settings.name, settings.depth, shape_of(settings, shape));
}

void Client::abandon() noexcept
{
  if (worker_) worker_->abandon();
  alarm_.abandon();
}

// An error of one rank ends the run on all simulation ranks: those that wait for others hear of it.
const PipelineReport& Client::run(const PipelineWork& work)
{
  mpi::together(context_.part.get(), context_.deadline(), [&] {
    if (ran_)
      throw Error{fmt::format("pipeline '{}' is run again", settings_.name),
                  "its library is used up", "Give a second run a [pipeline] of its own."};
    const bool describes = settings_.has_model() && worker_->coupled();
    if (!work.run || (describes && !work.describe))
      throw Error{fmt::format("pipeline '{}' is run without all of its work", settings_.name),
                  describes ? "describe and run are needed" : "run is needed"};
  });
  ran_ = true;
  try {
    if (worker_->coupled())
      coupled(work);
    else
      alone(work);
  } catch (const std::exception& error) {
    alarm_.raise(error.what());
    throw;
  } catch (...) {
    alarm_.raise("an exception without a message");
    throw;
  }
  return report_;
}

void Client::coupled(const PipelineWork& work)
{
  unsigned turn = 0;
  const auto listen = [&] {
    constexpr unsigned looks = 64;
    if (++turn % looks == 0) alarm_.check();
  };
  while (const auto order = worker_->next(listen)) {
    obey(work, *order);
    // Not after each: on shared cores a look gives the core away.
    constexpr std::int64_t often = 500'000'000;
    if (steering::clock() - looked_ < often) continue;
    alarm_.check();
    looked_ = steering::clock();
  }
  report_ = share_report(0, told_);
}

/// Collective over the simulation ranks: one rank's, on all of them.
PipelineReport Client::share_report(int from, const std::vector<double>& numbers)
{
  alarm_.meet(mpi::Deadline::in(patience * context_.settings.deadline), "the end of a pipeline");
  const auto shared =
      to_numbers(mpi::broadcast(context_.part.get(), to_text(numbers), from, context_.deadline()));
  if (shared.empty())
    throw Error{fmt::format("pipeline '{}' ended early", settings_.name),
                "its ML rank failed, or has gone", "See what it said in the log."};
  return unpack(shared, settings_.stages);
}

}  // namespace cardan::pipeline
