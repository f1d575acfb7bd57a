#include "bare.hpp"

#include "channel/lanes.hpp"
#include "session/implementation.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstring>

namespace serve {

using cardan::Field;

struct Bare::Lanes {
  std::unique_ptr<cardan::channel::Lanes> there;
  std::unique_ptr<cardan::channel::Lanes> back;
};

Bare::Bare(cardan::Session& session, std::int64_t numbers)
    : lanes_(std::make_unique<Lanes>()),
      x_(static_cast<std::size_t>(numbers), 1.0),
      y_(static_cast<std::size_t>(numbers))
{
  const cardan::Context& context = session.implementation().context;
  const int rank = cardan::mpi::rank(context.everyone.get());
  const int client = context.first(&cardan::Roles::simulation);
  int server = 0;
  while (!context.roles[static_cast<std::size_t>(server)].ml()) ++server;
  const std::vector<cardan::FieldSpec> fields{{"x", cardan::Dtype::float64, {1, numbers}, {}, {}}};
  const auto open = [&](const char* name, int from, int to) {
    cardan::ChannelOptions options;
    options.name = name;
    cardan::channel::End end;
    if (rank == from) end.produced = fields;
    if (rank == to) end.consumed = fields;
    return std::make_unique<cardan::channel::Lanes>(
        context.everyone.get(), options, context.choice, end,
        cardan::channel::broadcast(rank, from, {to}, 1));
  };
  lanes_->there = open("bare there", client, server);
  lanes_->back = open("bare back", server, client);
}

Bare::~Bare() = default;

const char* Bare::transport() const
{
  return to_string(lanes_->there->transport());
}

void Bare::ask(std::int64_t rounds, std::vector<double>& times)
{
  auto& out = lanes_->there->out().front();
  auto& in = lanes_->back->in().front();
  for (std::int64_t i = 0; i < rounds; ++i) {
    const double begin = MPI_Wtime();
    out.put_samples(0, Field{x_.data(), {1, static_cast<std::int64_t>(x_.size())}}, 0, 1);
    out.publish({});
    if (!cardan::mpi::wait_until([&] { return in.ready(); }, cardan::mpi::Deadline::in(20)))
      cardan::mpi::throw_late("a bare round trip");
    std::memcpy(y_.data(), in.data(0), y_.size() * sizeof(double));
    in.release();
    times.push_back(1e6 * (MPI_Wtime() - begin));
  }
}

void Bare::echo(std::int64_t rounds)
{
  auto& in = lanes_->there->in().front();
  auto& out = lanes_->back->out().front();
  for (std::int64_t i = 0; i < rounds; ++i) {
    if (!cardan::mpi::wait_until([&] { return in.ready(); }, cardan::mpi::Deadline::in(20)))
      cardan::mpi::throw_late("a bare round trip");
    out.put_samples(0, Field{y_.data(), {1, static_cast<std::int64_t>(y_.size())}}, 0, 1);
    out.publish({});
    in.release();
  }
}

}  // namespace serve
