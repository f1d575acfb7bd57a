#include "load.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace serve {

using cardan::Field;
using cardan::InstanceState;
using cardan::RequestStatus;
using cardan::ResponseTimes;

Spread spread_of(std::vector<double>& values)
{
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {at(0.05), at(0.5), at(0.95)};
}

namespace {

/// The requests of one client: a window of them, each with memory of its own.
class Asker {
 public:
  Asker(cardan::Service& service, const Load& load) : service_(service), load_(load)
  {
    for (int i = 0; i < load.window; ++i) {
      lines_.emplace_back();
      lines_.back().x.assign(static_cast<std::size_t>(load.numbers), 0.25);
      lines_.back().y.resize(lines_.back().x.size());
    }
  }

  void run(std::int64_t requests)
  {
    times.reserve(static_cast<std::size_t>(requests));
    std::int64_t asked = 0;
    for (auto& line : lines_)
      if (asked < requests) ask(line, asked++);
    for (std::int64_t ended = 0; ended < requests; ++ended) {
      Line& line = lines_[static_cast<std::size_t>(ended) % lines_.size()];
      if (line.future.wait() != RequestStatus::answered)
        throw cardan::Error{std::string("a request was ") + to_string(line.future.status()),
                            "it should have been answered"};
      times.push_back(line.future.times());
      if (asked < requests) ask(line, asked++);
    }
  }

  std::vector<ResponseTimes> times;

 private:
  struct Line {
    std::vector<double> x;
    std::vector<double> y;
    cardan::Future future;
  };
  void ask(Line& line, std::int64_t number)
  {
    line.x[0] = 1e-3 * static_cast<double>(number % 1000);
    // The old future first: its place is then free for the new one.
    line.future = {};
    line.future = service_.request({{"x", Field{line.x.data(), {1, load_.numbers}}}},
                                   {{"y", Field{line.y.data(), {1, load_.numbers}}}},
                                   {.priority = 0, .deadline = {60}});
  }

  cardan::Service& service_;
  Load load_;
  std::vector<Line> lines_;
};

/// Of all clients; on rank 0.
Spread gather(MPI_Comm comm, const std::vector<ResponseTimes>& times, double ResponseTimes::*part)
{
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &size);
  std::vector<double> mine;
  mine.reserve(times.size());
  for (const auto& each : times) mine.push_back(1e6 * (each.*part));
  const auto count = static_cast<int>(mine.size());
  std::vector<int> counts(static_cast<std::size_t>(size));
  MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm);
  std::vector<int> begins(counts.size(), 0);
  for (std::size_t r = 1; r < begins.size(); ++r) begins[r] = begins[r - 1] + counts[r - 1];
  std::vector<double> all(rank == 0 ? static_cast<std::size_t>(begins.back() + counts.back())
                                    : std::size_t{0});
  MPI_Gatherv(mine.data(), count, MPI_DOUBLE, all.data(), counts.data(), begins.data(), MPI_DOUBLE,
              0, comm);
  return spread_of(all);
}

}  // namespace

Measure measure(MPI_Comm comm, cardan::Service& service, const Load& load)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  const std::int64_t mine = rank < load.clients ? load.requests * (rank + 1) / load.clients -
                                                      load.requests * rank / load.clients
                                                : 0;
  Asker asker{service, load};
  // What happens once is over before the clock runs.
  if (mine > 0) asker.run(std::min<std::int64_t>(mine, 2L * load.window));
  asker.times.clear();
  MPI_Barrier(comm);
  const double begin = MPI_Wtime();
  asker.run(mine);
  double seconds = MPI_Wtime() - begin;
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, comm);
  Measure result;
  result.load = load;
  result.seconds = seconds;
  result.ended = load.requests;
  result.put = gather(comm, asker.times, &ResponseTimes::put);
  result.queue = gather(comm, asker.times, &ResponseTimes::queue);
  result.batch_wait = gather(comm, asker.times, &ResponseTimes::batch_wait);
  result.inference = gather(comm, asker.times, &ResponseTimes::inference);
  result.reply = gather(comm, asker.times, &ResponseTimes::reply);
  result.total = gather(comm, asker.times, &ResponseTimes::total);
  return result;
}

void use_instances(MPI_Comm comm, cardan::Service& service, int instances)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  for (int i = 0; rank == 0 && i < service.instances(); ++i) {
    if (i < instances)
      service.resume(i);
    else
      service.drain(i);
  }
  const double begin = MPI_Wtime();
  const auto known = [&] {
    for (int i = 0; i < service.instances(); ++i)
      if ((service.instance(i).state == InstanceState::draining) != (i >= instances)) return false;
    return true;
  };
  while (!known()) {
    if (MPI_Wtime() - begin > 30) throw cardan::Error{"an instance does not drain or resume"};
    service.wait_ready(1);
  }
  MPI_Barrier(comm);
}

}  // namespace serve
