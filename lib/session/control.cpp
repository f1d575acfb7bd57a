#include "session/control.hpp"

#include <array>

namespace cardan {

namespace {
constexpr int tag = 7341;

using Words = std::array<std::int64_t, 3>;

Words words_of(const Control::Message& message)
{
  return {static_cast<int>(message.kind), message.index, message.sequence};
}
}  // namespace

void Control::tell(const Message& message) const
{
  const int me = mpi::rank(context_.everyone.get());
  if (me != context_.first(&Roles::simulation)) return;
  const Words words = words_of(message);
  for (int rank = 0; rank < static_cast<int>(context_.roles.size()); ++rank)
    if (context_.roles[static_cast<std::size_t>(rank)].ml())
      mpi::check(MPI_Send(words.data(), 3, MPI_INT64_T, rank, tag, context_.everyone.get()),
                 "MPI_Send");
}

void Control::tell_and_wait(const Message& message) const
{
  const int me = mpi::rank(context_.everyone.get());
  if (me != context_.first(&Roles::simulation)) return;
  const Words words = words_of(message);
  std::vector<MPI_Request> requests;
  for (const auto& role : {&Roles::inference, &Roles::training})
    for (const int rank : context_.all(role)) {
      // Ranks that do both are told once.
      if (role == &Roles::training && context_.roles[static_cast<std::size_t>(rank)].inference)
        continue;
      requests.push_back(MPI_REQUEST_NULL);
      mpi::check(MPI_Issend(words.data(), 3, MPI_INT64_T, rank, tag, context_.everyone.get(),
                            &requests.back()),
                 "MPI_Issend");
    }
  for (auto& request : requests)
    mpi::wait(request, mpi::Deadline::in(context_.settings.deadline), "an ML rank to listen");
}

bool Control::waiting() const
{
  int waiting = 0;
  mpi::check(MPI_Iprobe(context_.first(&Roles::simulation), tag, context_.everyone.get(), &waiting,
                        MPI_STATUS_IGNORE),
             "MPI_Iprobe");
  return waiting != 0;
}

Control::Message Control::take() const
{
  std::array<std::int64_t, 3> words{};
  mpi::check(MPI_Recv(words.data(), 3, MPI_INT64_T, context_.first(&Roles::simulation), tag,
                      context_.everyone.get(), MPI_STATUS_IGNORE),
             "MPI_Recv");
  return Message{static_cast<Kind>(words[0]), static_cast<int>(words[1]), words[2]};
}

}  // namespace cardan
