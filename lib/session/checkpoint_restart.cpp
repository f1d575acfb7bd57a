// What a run goes on from: found by one rank, verified by all.

#include "checkpoint/verify.hpp"
#include "session/checkpoints.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace cardan {

/// Collective: why a file cannot be gone on from; empty where it can. Each rank reads a share.
std::string Checkpoints::damage(const std::string& path) const
{
  MPI_Comm everyone = context_.everyone.get();
  // All of a large file is read.
  const auto patience = mpi::Deadline::in(100 * context_.settings.deadline);
  std::vector<checkpoint::Sum> sums;
  try {
    mpi::together(everyone, patience, [&] {
      sums = checkpoint::sum_up(path, mpi::rank(everyone), mpi::size(everyone));
    });
  } catch (const std::exception& error) {
    return error.what();
  }
  std::vector<std::uint64_t> found;
  found.reserve(sums.size());
  for (const auto& sum : sums) found.push_back(sum.found);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, found.data(), static_cast<int>(found.size()),
                            MPI_UINT64_T, MPI_SUM, everyone, &request),
             "MPI_Iallreduce");
  mpi::wait(request, patience, "the checksums of a checkpoint");
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums[i].stated != found[i])
      return fmt::format("the checksum of '{}' in '{}' is wrong: the file is damaged", sums[i].name,
                         path);
  return "";
}

void Checkpoints::find_restart(const std::string& wanted)
{
  MPI_Comm everyone = context_.everyone.get();
  const int root = context_.first(&Roles::simulation);
  const bool mine = mpi::rank(everyone) == root;
  const std::string text =
      mpi::broadcast(everyone, mine ? (wanted.empty() ? settings_.restart : wanted) : "", root,
                     context_.deadline());
  if (text.empty()) return;
  const bool latest = text == "latest";
  if (latest && settings_.file.empty())
    throw Error::everywhere("cannot restart from the latest checkpoint (" +
                            context_.run_file.name() +
                            " has no [checkpoint] file). Name the file: --restart FILE.");
  std::string list;
  if (mine && latest) {
    const checkpoint::Series series{settings_.file};
    auto numbers = series.numbers();
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number)
      list += series.path(*number) + "\n";
  }
  if (mine && !latest) list = text + "\n";
  list = mpi::broadcast(everyone, list, root, context_.deadline());
  if (list.empty()) {
    if (mine) log("there is no checkpoint of ", settings_.file, " yet: the run begins anew");
    return;
  }
  std::string first;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = list.find('\n', begin);
    const std::string path = list.substr(begin, end - begin);
    begin = end + 1;
    const std::string problem = damage(path);
    if (problem.empty()) {
      mpi::together(everyone, context_.deadline(), [&] {
        restart_ = std::make_unique<checkpoint::Reader>(path);
        restart_loop_ = restart_->integer("session/loop");
        restart_step_ = restart_->integer("session/step");
      });
      if (mine && !context_.settings.quiet)
        log(fmt::format("goes on from {}: {} steps are done", path, restart_step_));
      return;
    }
    if (first.empty()) first = problem;
    if (mine && latest) log(problem, "; the one before it is taken");
  }
  throw Error::everywhere(latest ? "no checkpoint of " + settings_.file + " is whole; " + first
                                 : first);
}

}  // namespace cardan
