// Ranks are split anew: fields follow, files are written by others.

#include "session/checkpoints.hpp"

#include <array>

namespace cardan {

namespace {

/// A field that is the same on all ranks as the whole of an array.
Field boxed(const Field& field)
{
  const Extents& shape = field.shape();
  return field.box() ? field : field.in({shape, Extents::filled(shape.rank(), 0), shape});
}

}  // namespace

void Checkpoints::take_fields(std::int64_t done)
{
  for (const auto& work : before_) work();
  followed_.clear();
  for (const auto& each : protected_)
    if (each.writes) followed_.take(each.name, boxed(each.field));
  protects_ = !protected_.empty();
  // A loop that the run has not come to again goes on later.
  if (loop() < restart_loop_) return;
  restart_loop_ = loop();
  restart_step_ = done;
}

/// A wish to stop that is agreed on only now holds in the next split, where a checkpoint is
/// written.
void Checkpoints::settle()
{
  const bool stopped = stopping_;
  take_wishes();
  if (stopping_ && !stopped) {
    stopping_ = false;
    carried_ = agreed_;
  }
  agreed_ = {};
  finish();
}

void Checkpoints::part()
{
  // What a rank that did not simulate has is of an earlier split.
  if (!context_.mine().simulation) followed_.clear();
  protected_.clear();
  before_.clear();
  signals_.reset();
  writer_.reset();
}

void Checkpoints::go_on(bool simulated)
{
  MPI_Comm everyone = context_.everyone.get();
  followed_.share(everyone, context_.deadline());
  // What the ranks that simulated know of the loops, and the first of them of the files.
  std::array<std::int64_t, 4> place{restart_loop_, restart_step_, protects_ ? 1 : 0,
                                    newest_failed_ ? 1 : 0};
  MPI_Request request = MPI_REQUEST_NULL;
  if (!simulated) place = {};
  mpi::check(
      MPI_Iallreduce(MPI_IN_PLACE, place.data(), 4, MPI_INT64_T, MPI_MAX, everyone, &request),
      "MPI_Iallreduce");
  mpi::wait(request, context_.deadline(), "where the run goes on");
  restart_loop_ = place[0];
  restart_step_ = place[1];
  protects_ = place[2] != 0;
  split_ = true;
  loops_before_ = 0;
  last_written_ = -1;
  newest_failed_ = speaks() && place[3] != 0;
  outstanding_ = 0;  // all came to its end; who spoke alone has counted that
  if (!settings_.file.empty()) open_writer();
}

bool Checkpoints::follow(const std::string& name, const Field& whole)
{
  const int index = followed_.find(name);
  if (index < 0) return false;
  tell_field(index);
  const Field field = boxed(whole);
  followed_.give(index, &field, context_.everyone.get(), context_.deadline());
  return true;
}

void Checkpoints::give_field(int index) const
{
  followed_.give(index, nullptr, context_.everyone.get(), context_.deadline());
}

}  // namespace cardan
