// What a silo's first rank sends, and what comes back.

#include "couplers/federation/client.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace cardan::federation {

namespace {

/// A long wait: it leaves the core to others.
template <class Ready>
bool wait_patiently(Ready&& ready, mpi::Deadline deadline)
{
  mpi::Waiter waiter{mpi::Waiter::Manner::patient};
  for (int turn = 0; !ready(); ++turn) {
    if (turn % 16 == 15 && deadline.passed()) return ready();
    waiter.pause();
  }
  return true;
}

}  // namespace

/// Before the first round: sums over all silos' samples, and the weights that all begin with.
void Client::begin()
{
  if (closed_)
    throw Error{fmt::format("federation '{}' has ended for this silo", settings_.name),
                "an earlier round failed, or the session ends"};
  if (std::exchange(begun_, true)) return;
  std::vector<double> joined;
  if (settings_.normalise) joined = silo_->tally();
  if (coupled()) {
    silo_->together([&] {
      if (!leads()) return;
      if (settings_.normalise) {
        UpHeader header;
        header.kind = Kind::tally;
        record_.resize(ends_.facts.tally_bytes());
        std::memcpy(record_.data(), joined.data(), record_.size());
        if (wait_for_room()) outlet_->send(header, record_);
      }
      FederationRound nothing;
      static_cast<void>(wait_for([&] {
        static_cast<void>(take(nothing));
        return has_model_ && (!settings_.normalise || !joined_.empty());
      }));
      if (!joined_.empty()) joined = joined_;
    });
    silo_->share(&alone_, sizeof alone_, "the beginning of a federation");
    silo_->share(joined.data(), joined.size() * sizeof(double), "the joined sums");
    silo_->share(global_.data(), global_.size() * sizeof(double), "the first model");
  }
  // Whoever is not normalised as the others are has nothing to add to their weights.
  apart_ = alone_;
  silo_->begin(joined);
  silo_->set(global_);
}

/// Trained minus global, shortened, with noise, and in few bytes: in this order, so that what the
/// noise hides stays hidden. What is no number is not sent, but that it was so is.
void Client::send(FederationRound& record)
{
  for (std::size_t i = 0; i < local_.size(); ++i) local_[i] -= global_[i];
  UpHeader header;
  header.kind = Kind::update;
  header.base = version_;
  header.number = ++number_;
  header.samples = settings_.weights == Weights::samples
                       ? record.samples
                       : std::min<std::int64_t>(1, record.samples);
  record.update_norm = norm_of(local_);
  header.finite = std::isfinite(record.update_norm) ? 1 : 0;
  record_.assign(codec_.bytes(), std::byte{0});
  if (header.finite != 0) {
    update_ = local_;
    record.clipped = clip(update_, settings_.clip);
    if (settings_.noise > 0)
      noise_.add(update_, settings_.noise * settings_.clip, static_cast<std::uint64_t>(number_));
    if (settings_.compress.kind == CompressSettings::Kind::none)
      codec_.encode(update_, record_);
    else
      feedback_.encode(update_, record_);
  }
  // Back to what was trained: it is gone on with where no answer comes.
  for (std::size_t i = 0; i < local_.size(); ++i) local_[i] += global_[i];
  if (!wait_for_room()) return;
  outlet_->send(header, record_);
  ++updates_;
  record.moved_bytes = moved(record_.size());
  record.raw_bytes = moved(ends_.facts.weights_bytes());
}

void Client::receive(FederationRound& record)
{
  const std::uint32_t base = version_;
  const bool async = settings_.mode == Mode::async;
  record.answered = wait_for([&] {
    static_cast<void>(take(record));
    return async ? answered_ == number_ : version_ > base;
  });
}

/// All models that wait, one after the other; says whether there was one.
bool Client::take(FederationRound& record)
{
  auto& lane = ends_.down->in().front();
  bool any = false;
  while (lane.ready()) {
    const auto header = read_header<DownHeader>(lane.header());
    record.received_bytes += moved(static_cast<std::size_t>(header.count) * word);
    if (header.answer == Answer::tally) {
      joined_.resize(static_cast<std::size_t>(ends_.facts.sums + ends_.facts.maxima));
      std::memcpy(joined_.data(), lane.data(0), ends_.facts.tally_bytes());
    } else {
      widen(lane.data(0), ends_.facts.dtype, global_);
      any = has_model_ = true;
      version_ = header.version;
      answered_ = std::max(answered_, header.number);
      if (header.number == number_ && record.moved_bytes > 0) {
        record.taken = header.taken != 0;
        record.staleness = header.staleness;
      }
      record.participants = header.participants;
      record.late = header.late;
      record.refused = header.refused;
    }
    lane.release();
  }
  return any;
}

bool Client::wait_for_room()
{
  return wait_for([&] { return outlet_->room(); });
}

/// False where it did not come before the deadline, or nothing comes any more: this silo is alone
/// then.
bool Client::wait_for(const std::function<bool()>& ready)
{
  if (alone_) return false;
  auto& lane = ends_.down->in().front();
  bool left = false;
  const bool came = wait_patiently(
      [&] {
        if (ready()) return true;
        left = lane.drained();
        return left;
      },
      mpi::Deadline::in(patience()));
  if (came && !left) return true;
  alone_ = true;
  if (!std::exchange(said_, true))
    log(
        fmt::format("federation '{}': silo {} goes on alone ({}); it takes part again when a model "
                    "comes, and this is not said again",
                    settings_.name, ends_.silo,
                    left ? "the aggregator has left"
                         : fmt::format("nothing came from the aggregator for {:g} s", patience())));
  return false;
}

}  // namespace cardan::federation
