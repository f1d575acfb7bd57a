// The ML side: takes puts in, reconstructs them, hands them on.

#include "couplers/reduction/serve.hpp"

#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/ends.hpp"
#include "couplers/reduction/feedback.hpp"
#include "couplers/reduction/intake.hpp"
#include "couplers/reduction/learning.hpp"
#include "couplers/reduction/outbox.hpp"
#include "couplers/reduction/receivers.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace cardan::reduction {

namespace {

/// Puts of one rank that are taken in one turn: others, and other duties, wait meanwhile.
constexpr int puts_in_turn = 2;
/// Turns with puts after which training gets one all the same.
constexpr int turns_without_training = 16;

class Station : public Duty {
 public:
  Station(const Context& context, const Settings& settings)
      : context_(context),
        settings_(settings),
        ends_(context, settings, {}, 0),
        outbox_(ends_),
        feedback_(context, settings, ends_, outbox_)
  {
    if (settings.learned()) learning_.emplace(context, settings, ends_);
    mpi::together(context.everyone.get(), context.deadline(), [&] { make(); });
    // What the lead alone has read is known to the others too.
    leave_to_others(context.run_file, settings.name);
  }

  bool poll() override
  {
    if (ends_.index < 0 || ended_) return false;
    bool worked = leads() ? outbox_.pay() : hear_lead();
    bool any = false;
    for (std::size_t s = 0; s < senders_.size(); ++s)
      if (senders_[s].here) any = hear(s) || any;
    if (leads()) any = feedback_.hear() || any;
    if (!any_here() && outbox_.receivers_paid()) {
      end();
      return true;
    }
    if (leads() && learning_ && (!any || ++busy_ >= turns_without_training))
      worked = learn() || worked;
    return any || worked;
  }
  [[nodiscard]] bool finished() override
  {
    poll();
    return ends_.index < 0 || ended_;
  }
  void close() override { ends_.close(); }
  void abandon() noexcept override
  {
    ends_.abandon();
    if (learning_) learning_->abandon();
  }

 private:
  struct From {
    Intake intake;
    Encoders none;
    Assembly assembly;
    std::uint32_t version = 0;
    bool here = true;
    /// Since when a put waits for its decoder.
    std::optional<mpi::Deadline> waits;
  };

  [[nodiscard]] bool leads() const { return ends_.index == 0; }
  [[nodiscard]] bool any_here() const
  {
    return std::any_of(senders_.begin(), senders_.end(),
                       [](const From& each) { return each.here; });
  }

  void make()
  {
    if (ends_.index < 0) return;
    for (const int rank : ends_.senders) {
      const auto& fields = ends_.fields[static_cast<std::size_t>(rank)];
      senders_.push_back(
          {Intake{rank, fields, settings_}, no_encoders(fields, settings_), {}, 0, true, {}});
    }
    const Config table = context_.run_file.table("reduction").table(settings_.name);
    if (!feedback_.knows_quantity())
      throw table.error("quantity", "the ML ranks do not know it", "Give it to register_quantity.");
    if (learning_ && leads()) learning_->load(context_, context_.threads);
    if (settings_.receiver.empty()) return;
    const ReceiverMaker* const maker = find_receiver(settings_.receiver);
    if (maker == nullptr)
      throw table.error("receiver", "nobody has registered it", "Give it to register_receiver.");
    ReceiverPlace place;
    place.name = settings_.name;
    place.index = ends_.index;
    place.receivers = static_cast<int>(ends_.receivers.size());
    place.simulation_ranks = static_cast<int>(ends_.simulation.size());
    place.seed = static_cast<std::uint64_t>(context_.settings.seed);
    place.quiet = context_.settings.quiet;
    place.folder = context_.folder;
    //= none | the receiver's own table
    const Config options = table.table("options");
    receiver_ = (*maker)(options, senders_.front().intake.fields(), place);
    options.reject_unknown();
  }

  /// Versions that the lead has sent to all.
  bool hear_lead()
  {
    auto& lane = ends_.back->in().front();
    bool heard = false;
    for (; lane.ready(); heard = true) {
      const auto header = read_header<MessageHeader>(lane.header());
      if (assembly_.add(header.offset, header.total,
                        {lane.data(0), static_cast<std::size_t>(header.count)}))
        versions_.add(header.version, read_encoders(assembly_.bytes(),
                                                    senders_.front().intake.fields(), settings_));
      lane.release();
    }
    return heard;
  }

  /// Takes what waits of one rank; says whether there was anything.
  bool hear(std::size_t index)
  {
    auto& lane = ends_.puts->in()[index];
    From& from = senders_[index];
    int taken = 0;
    for (; taken < puts_in_turn && lane.ready(); ++taken) {
      const auto header = read_header<MessageHeader>(lane.header());
      const std::span bytes{lane.data(0), static_cast<std::size_t>(header.count)};
      if (header.kind == Kind::encoder) {
        if (from.assembly.add(header.offset, header.total, bytes))
          versions_.add(header.version,
                        read_encoders(from.assembly.bytes(), from.intake.fields(), settings_));
      } else if (!take(from, header, bytes)) {
        break;
      }
      lane.release();
    }
    if (taken > 0 || !lane.drained()) return taken > 0;
    from.here = false;
    forget();
    return true;
  }

  /// False where its decoder has not arrived.
  bool take(From& from, const MessageHeader& header, std::span<const std::byte> bytes)
  {
    const auto version = versions_.find(header.version);
    if (header.version != 0 && !version) {
      if (!from.waits) from.waits = context_.deadline();
      if (from.waits->passed())
        throw Late{fmt::format("version {} of the encoder of reduction '{}' did not come",
                               header.version, settings_.name),
                   fmt::format("simulation rank {} uses it", from.intake.rank())};
      return false;
    }
    from.waits.reset();
    const Reconstruction& arrived =
        from.intake.take(header, bytes, header.version == 0 ? from.none : *version);
    if (header.version != from.version) {
      from.version = header.version;
      forget();
    }
    ++puts_;
    raw_bytes_ += arrived.raw_bytes;
    moved_bytes_ += arrived.moved_bytes;
    if (!arrived.same) differs(arrived);
    hand_on(arrived);
    if (learning_) learning_->add(arrived);
    feedback_.report(from.intake, header);
    return true;
  }

  void differs(const Reconstruction& arrived)
  {
    const std::string what = fmt::format(
        "step {} of simulation rank {} has other bits in reduction '{}' than its sender "
        "compared with the bound",
        arrived.step, arrived.rank, settings_.name);
    if (settings_.verify)
      throw Error{what, "the ranks run other builds, or memory is damaged",
                  "Run the same build everywhere, or set verify = false to count such puts."};
    if (different_++ == 0) log(what, "; it is not said again");
  }

  void hand_on(const Reconstruction& arrived)
  {
    if (!receiver_) return;
    try {
      receiver_->take(arrived);
    } catch (const std::exception& error) {
      throw Error{
          fmt::format("the receiver of reduction '{}' failed at step {} of simulation rank "
                      "{}: {}",
                      settings_.name, arrived.step, arrived.rank, error.what())};
    }
  }

  /// The lead: a slice of training; a version goes to everybody.
  bool learn()
  {
    busy_ = 0;
    if (!learning_->due()) return false;
    auto encoders = learning_->work();
    if (!encoders) return true;
    const auto bytes = bytes_of(*encoders);
    versions_.add(++trained_, std::move(*encoders));
    outbox_.send(trained_, bytes);
    return true;
  }

  void forget()
  {
    auto oldest = std::numeric_limits<std::uint32_t>::max();
    for (const From& from : senders_)
      if (from.here) oldest = std::min(oldest, from.version);
    versions_.forget_before(oldest);
  }

  void end()
  {
    ended_ = true;
    if (ends_.notes && !leads()) ends_.notes->close();
    if (receiver_) receiver_->end();
    if (different_ > 0)
      log(fmt::format("reduction '{}': {} puts had other bits than their senders said",
                      settings_.name, different_));
    if (context_.settings.quiet) return;
    log(fmt::format("reduction '{}': {} puts of {} rank{}, {} bytes of {}, {} decisions",
                    settings_.name, puts_, senders_.size(), senders_.size() == 1 ? "" : "s",
                    moved_bytes_, raw_bytes_, feedback_.decisions()));
    if (learning_ && leads())
      log(fmt::format("reduction '{}': {} versions, {}", settings_.name, trained_,
                      learning_->summary()));
  }

  const Context& context_;
  Settings settings_;
  Ends ends_;
  Outbox outbox_;
  Feedback feedback_;
  std::vector<From> senders_;
  std::unique_ptr<Receiver> receiver_;
  std::optional<Learning> learning_;
  int busy_ = 0;
  /// Versions that the lead has made.
  std::uint32_t trained_ = 0;
  Versions versions_;
  Assembly assembly_;
  std::int64_t puts_ = 0;
  std::int64_t raw_bytes_ = 0;
  std::int64_t moved_bytes_ = 0;
  std::int64_t different_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  return std::make_unique<Station>(context, read_settings(context.run_file, name));
}

}  // namespace cardan::reduction
