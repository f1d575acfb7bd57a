#include "stream.hpp"

#include <cardan/error.hpp>

#include <chrono>
#include <thread>

namespace reduce {

namespace {

bool learned(const Plan& plan)
{
  return plan.encoder == "linear" || plan.encoder == "conv";
}

/// Extents of the part, components first; in two dimensions without z.
std::vector<std::int64_t> extents(int components, const Part& part, const Cells& cells)
{
  std::vector<std::int64_t> all{components};
  for (int axis = 3 - part.dimensions; axis < 3; ++axis)
    all.push_back(cells[static_cast<std::size_t>(axis)]);
  return all;
}

}  // namespace

cardan::ReductionField described(const View& view, const Part& part)
{
  cardan::ReductionField field;
  field.name = view.name;
  field.shape = extents(view.components, part, part.count);
  field.components = true;
  const auto offset = extents(0, part, part.offset);
  field.offset.assign(offset.begin() + 1, offset.end());
  return field;
}

Stream::Stream(cardan::Session& session, const Plan& plan, System& system)
    : session_(session),
      plan_(plan),
      system_(system),
      reduction_(session.reduction(plan.encoder, {described(system.view(), system.part())}))
{
  session_.begin_step(0);
}

cardan::Field Stream::field() const
{
  const View view = system_.view();
  const Part& part = system_.part();
  const cardan::Extents shape{extents(view.components, part, part.count)};
  const cardan::Extents strides = part.dimensions == 3
                                      ? cardan::Extents{view.component, view.plane, view.row, 1}
                                      : cardan::Extents{view.component, view.row, 1};
  return {view.data, shape, strides};
}

void Stream::advance(std::int64_t steps)
{
  for (std::int64_t i = 0; i < steps; ++i) {
    if (step_ == plan_.change_step()) system_.change();
    system_.step();
    ++step_;
  }
  session_.begin_step(step_);
}

void Stream::put()
{
  reduction_.put({{system_.view().name, field()}});
}

void Stream::fit()
{
  const std::string name = system_.view().name;
  const cardan::NamedField fields[] = {{name, field()}};
  reduction_.fit(fields);
}

void Stream::wait_for_encoder()
{
  const double begin = MPI_Wtime();
  for (;;) {
    std::int64_t least = reduction_.counters().encoders;
    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT64_T, MPI_MIN, session_.comm());
    if (least > 0) return;
    double waited = MPI_Wtime() - begin;
    MPI_Allreduce(MPI_IN_PLACE, &waited, 1, MPI_DOUBLE, MPI_MAX, session_.comm());
    if (waited > 60)
      throw cardan::Error::everywhere(
          "no encoder came in a minute of training (first and warmup in "
          "[reduction." +
          plan_.encoder + ".train] say when one does)");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    put();
  }
}

void Stream::learn(Episode& episode)
{
  for (std::int64_t lesson = 0; lesson < plan_.lessons; ++lesson) {
    advance(plan_.lesson_stride);
    if (learned(plan_)) put();
  }
  const double begin = MPI_Wtime();
  if (plan_.encoder == "svd") fit();
  if (learned(plan_)) wait_for_encoder();
  episode.learning = MPI_Wtime() - begin;
}

void Stream::measure(Episode& episode)
{
  const cardan::ReductionCounters first = reduction_.counters();
  for (std::int64_t i = 0; i < plan_.puts; ++i) {
    const cardan::ReductionCounters before = reduction_.counters();
    // Ranks that wait for each other in the first step would call that the solver's time.
    MPI_Barrier(session_.comm());
    const double begin = MPI_Wtime();
    advance(plan_.stride);
    const double solved = MPI_Wtime();
    if (plan_.retrain && plan_.encoder == "svd") fit();
    put();
    const double done = MPI_Wtime();
    const cardan::ReductionCounters& after = reduction_.counters();
    episode.solving.push_back(solved - begin);
    episode.putting.push_back(done - solved);
    episode.waiting.push_back(after.waiting - before.waiting);
    episode.raw.push_back(static_cast<double>(after.raw_bytes - before.raw_bytes));
    episode.moved.push_back(static_cast<double>(after.moved_bytes - before.moved_bytes));
    episode.latent.push_back(static_cast<double>(after.latent_bytes - before.latent_bytes));
    episode.residual.push_back(static_cast<double>(after.residual_bytes - before.residual_bytes));
  }
  const cardan::ReductionCounters& last = reduction_.counters();
  episode.encoders = last.encoders - first.encoders;
  episode.exceptions = last.exceptions - first.exceptions;
  episode.max_error = last.max_error;
  episode.max_error_over_bound = last.max_error_over_bound;
}

}  // namespace reduce
