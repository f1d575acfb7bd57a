#include "couplers/reduction/feedback.hpp"

#include "couplers/reduction/receivers.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <cstring>

namespace cardan::reduction {

Feedback::Feedback(const Context& context, const Settings& settings, Ends& ends, Outbox& outbox)
    : context_(context),
      settings_(settings),
      ends_(ends),
      outbox_(outbox),
      controller_(settings, static_cast<int>(ends.simulation.size())),
      quantity_(settings.quantity.empty() ? nullptr : find_quantity(settings.quantity))
{}

void Feedback::report(const Intake& intake, const MessageHeader& header)
{
  if (quantity_ == nullptr && !settings_.automatic_stride) return;
  const PutHead& head = intake.head();
  Note note;
  note.step = header.step;
  note.number = header.number;
  note.rank = intake.rank();
  note.decision = head.decision;
  note.original = head.quantity;
  note.seconds = head.seconds;
  note.period = head.period;
  if (quantity_ != nullptr) note.reconstructed = (*quantity_)(intake.fields(), intake.values());
  if (ends_.index == 0) {
    judge(note);
    return;
  }
  auto& lane = ends_.notes->out().front();
  // A step that lacks a note is not judged.
  if (!lane.room()) return;
  MessageHeader to_lead;
  to_lead.count = sizeof note;
  lane.put_samples(0, as_bytes(reinterpret_cast<const std::byte*>(&note), sizeof note), 0,
                   to_lead.count);
  lane.publish(to_header(to_lead));
}

bool Feedback::hear()
{
  if (!ends_.notes) return false;
  bool heard = false;
  for (auto& lane : ends_.notes->in())
    for (; lane.ready(); heard = true) {
      Note note;
      std::memcpy(&note, lane.data(0), sizeof note);
      judge(note);
      lane.release();
    }
  return heard;
}

void Feedback::judge(const Note& note)
{
  const auto decision = controller_.take(note);
  if (!decision) return;
  outbox_.send(*decision);
  if (!context_.settings.quiet)
    log(fmt::format(
        "reduction '{}': from step {} on {:g} of eps, stride {}, still {:g} "
        "(relative error of {} {:.3g})",
        settings_.name, note.step, decision->scale, decision->stride, decision->still,
        settings_.quantity.empty() ? "nothing" : settings_.quantity, controller_.error()));
}

}  // namespace cardan::reduction
