// What a twin rank does with the observations that have come, and with the time between them.

#include "couplers/twin/duty.hpp"

#include "couplers/steering/wire.hpp"
#include "couplers/twin/wire.hpp"
#include "support/finite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace cardan::twin {

namespace {

bool is_finite(const Feature& feature, const std::byte* data)
{
  if (feature.dtype == Dtype::float64)
    return all_finite(reinterpret_cast<const double*>(data), feature.numbers());
  if (feature.dtype == Dtype::float32)
    return all_finite(reinterpret_cast<const float*>(data), feature.numbers());
  return true;
}

std::int64_t count_here(const Frame& frame)
{
  const auto here = frame.here();
  return std::count_if(here.begin(), here.end(), [](std::uint8_t each) { return each != 0; });
}

}  // namespace

bool TwinDuty::poll()
{
  if (trainer_) return trainer_->poll();
  if (!crew_.works() || ended_) return false;
  return crew_.leads() ? lead() : follow();
}

bool TwinDuty::finished()
{
  poll();
  if (trainer_) return trainer_->ended();
  return !crew_.works() || (ended_ && (!teacher_ || teacher_->ended()));
}

void TwinDuty::hold(bool wish, std::int64_t)
{
  if (!crew_.works() || wish == wishes_) return;
  wishes_ = wish;
  if (!wish) granted_ = std::max(0, granted_ - 1);
  if (!wish || !crew_.leads() || ended_) return;
  tell(What::hold);
  granted_ = 1;
}

void TwinDuty::abandon() noexcept
{
  ends_.abandon();
  crew_.abandon();
  if (teacher_) teacher_->abandon();
  if (trainer_) trainer_->abandon();
}

/// A twin whose ranks do not agree any more cannot go on: an error of one ends the run.
template <class Work>
void TwinDuty::guarded(const std::string& when, Work&& work)
{
  try {
    work();
  } catch (const std::exception& error) {
    throw Error{
        fmt::format("twin '{}' failed {} on twin rank {}", settings_.name, when, crew_.rank()),
        error.what()};
  }
}

bool TwinDuty::lead()
{
  bool worked = outgoing_->pay();
  worked = gathering_->hear() || worked;
  if (wishes_) return worked;
  if (Frame* frame = gathering_->next()) {
    while (Frame* late = gathering_->next_late()) {
      begin(*late, What::late);
      gathering_->give_back(late);
    }
    begin(*frame, What::cycle);
    gathering_->give_back(frame);
    return true;
  }
  if (!gathering_->over()) return worked || train();
  tell(What::end);
  end();
  if (teacher_) teacher_->end();
  return true;
}

/// In real time only while nothing is due.
bool TwinDuty::train()
{
  if (!teacher_) return false;
  double left = std::numeric_limits<double>::infinity();
  if (settings_.realtime) {
    const double due = 1e-9 * (gathering_->next_due() - static_cast<double>(steering::clock()));
    left = std::isfinite(due) ? due - settings_.guard : 0;
  }
  return teacher_->work(left);
}

void TwinDuty::tell(What what)
{
  Order order;
  order.what = what;
  frame_.set(order);
  crew_.tell(frame_);
}

void TwinDuty::begin(Frame& frame, What what)
{
  const std::int64_t begun = steering::clock();
  if (count_here(frame) > 0) observed_ = std::max(observed_, frame.cycle);
  Order order;
  order.what = what;
  order.cycle = frame.cycle;
  order.time = static_cast<double>(frame.cycle) * settings_.period;
  order.left = 1e-9 * (frame.due - static_cast<double>(begun));
  if (model_) model_->say(order);
  frame.set(order);
  crew_.tell(frame);
  obey(frame);
  if (what == What::late) return;
  send(frame, begun);
  // Nothing depends on time: all there is to learn is learned between two cycles.
  while (context_.settings.deterministic && teacher_ &&
         teacher_->work(std::numeric_limits<double>::infinity())) {
  }
}

void TwinDuty::send(const Frame& frame, std::int64_t begun)
{
  Mark mark;
  mark.observed = observed_;
  for (std::size_t f = 0; f < signature_.outputs.size(); ++f)
    if (!is_finite(signature_.outputs[f], columns_[f])) mark.finite = 0;
  mark.sent = steering::clock();
  std::memcpy(columns_.back(), &mark, sizeof mark);
  std::array<char, steering::reason_bytes> reason{};
  const char* trust = !model_ ? "" : model_->trusted() ? ", model trusted" : ", model not trusted";
  const auto text = fmt::format_to_n(reason.data(), reason.size() - 1, "{} of {} observations{}",
                                     count_here(frame), frame.here().size(), trust);
  Ruling ruling;
  ruling.step = frame.cycle;
  ruling.clock = frame.clock;
  ruling.version = model_ ? model_->version() : 0;
  ruling.work = 1e-9 * static_cast<double>(mark.sent - begun);
  ruling.reason = {reason.data(), std::min(text.size, reason.size() - 1)};
  ruling.columns = columns_.data();
  static_cast<void>(outgoing_->send(ruling));
}

bool TwinDuty::follow()
{
  if (!crew_.listen(frame_)) return false;
  obey(frame_);
  return true;
}

void TwinDuty::obey(Frame& frame)
{
  const Order order = frame.order();
  switch (order.what) {
    case What::hold: ++granted_; return;
    case What::end: end(); return;
    case What::cycle:
    case What::late: break;
  }
  TwinCycle cycle;
  cycle.cycle = order.cycle;
  cycle.time = order.time;
  cycle.left = order.left;
  cycle.here = frame.here();
  cycle.columns = frame.columns();
  cycle.late = order.what == What::late;
  if (model_ && order.swap != 0) crew_.share(model_->state());
  guarded(fmt::format("in cycle {}", order.cycle), [&] {
    if (model_) model_->obey(order);
    if (cycle.late)
      process_->late(cycle);
    else
      process_->cycle(cycle, columns_.data());
  });
}

void TwinDuty::end()
{
  ended_ = true;
  guarded("at its end", [&] { process_->end(); });
}

}  // namespace cardan::twin
