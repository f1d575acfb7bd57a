// An instance's batches: formed by priority, gathered from the slots, answered into the replies.

#include "couplers/service/instance.hpp"

#include "support/log.hpp"

#include <algorithm>
#include <cstring>

namespace cardan::service {

/// Whether the batch is full, or its oldest request has waited long enough for others.
bool Instance::due(std::int64_t now) const
{
  if (samples_ >= settings_.max_batch || settings_.max_wait <= 0) return true;
  std::int64_t oldest = now;
  for (const auto& request : waiting_) oldest = std::min(oldest, request.seen);
  return now - oldest >= nanoseconds(settings_.max_wait);
}

void Instance::form(std::int64_t now)
{
  batch_.clear();
  batch_samples_ = 0;
  answered_ = 0;
  while (!waiting_.empty()) {
    const Waiting& next = waiting_.front();
    const bool stale = now > next.expires || next.version > version_;
    if (!stale && !batch_.empty() && batch_samples_ + next.count > settings_.max_batch) break;
    std::pop_heap(waiting_.begin(), waiting_.end(), later);
    const Waiting taken = waiting_.back();
    waiting_.pop_back();
    samples_ -= taken.count;
    if (stale) {
      hand_back(taken);
      continue;
    }
    batch_.push_back(taken);
    batch_samples_ += taken.count;
  }
  if (batch_.empty()) return;
  gather();
  run(in_place_ ? now : clock());
  static_cast<void>(answer());
}

/// A request alone in its batch is read where it lies and, where the client's memory is mapped,
/// answered where it will be read; several are copied side by side.
void Instance::gather()
{
  const Waiting& first = batch_.front();
  channel::OutLane& out = *replies_[first.lane];
  in_place_ = batch_.size() == 1 && out.room() && out.mapped() != nullptr;
  for (std::size_t f = 0; f < outputs_.size(); ++f)
    output_columns_[f] = in_place_ ? out.mapped() + out.parts()[f].offset : outputs_[f].data();
  for (std::size_t f = 0; f < inputs_.size(); ++f) {
    if (batch_.size() == 1) {
      input_columns_[f] = requests_[first.lane]->data_of(first.step, f);
      continue;
    }
    std::byte* to = inputs_[f].data();
    for (const auto& request : batch_) {
      const auto bytes = static_cast<std::size_t>(request.count * input_bytes_[f]);
      std::memcpy(to, requests_[request.lane]->data_of(request.step, f), bytes);
      to += bytes;
    }
    input_columns_[f] = inputs_[f].data();
  }
}

void Instance::run(std::int64_t now)
{
  began_ = now;
  failed_ = false;
  try {
    handler_->answer({batch_samples_, input_columns_.data()}, {output_columns_.data(), nullptr});
  } catch (const std::exception& error) {
    log("instance ", std::to_string(index_), " of service '", settings_.name,
        "' did not answer a batch: ", error.what());
    failed_ = true;
  }
  ended_ = clock();
}

ReplyHeader Instance::header_for(const Waiting& request) const
{
  ReplyHeader header;
  header.ticket = request.ticket;
  header.attempt = request.attempt;
  header.version = version_;
  header.queued = static_cast<std::uint32_t>(waiting_.size());
  return header;
}

/// Answers what has room; says whether anything had.
bool Instance::answer()
{
  const std::size_t before = answered_;
  std::int64_t first = 0;
  for (std::size_t b = 0; b < batch_.size(); ++b) {
    const Waiting& request = batch_[b];
    first += request.count;
    if (b < answered_) continue;
    channel::OutLane& out = *replies_[request.lane];
    if (!out.room()) break;
    ReplyHeader header = header_for(request);
    header.outcome = failed_ ? Outcome::failed : Outcome::answered;
    header.count = failed_ ? 0 : request.count;
    const std::int64_t ready = std::max(request.seen, free_since_);
    header.queue = static_cast<float>(seconds(ready - request.sent));
    header.batch_wait = static_cast<float>(seconds(began_ - ready));
    header.inference = static_cast<float>(seconds(ended_ - began_));
    if (!failed_ && !in_place_)
      for (std::size_t f = 0; f < outputs_.size(); ++f) {
        Extents shape = ends_.fields.outputs[f].shape;
        shape[0] = batch_samples_;
        out.put_samples(
            f, {outputs_[f].data(), ends_.fields.outputs[f].dtype, true, shape, row_major(shape)},
            first - request.count, request.count);
      }
    out.publish(to_header(header));
    release(request);
    ++answered_;
  }
  if (answered_ == batch_.size()) {
    batch_.clear();
    free_since_ = ended_;
  }
  return answered_ > before;
}

void Instance::hand_back_all()
{
  for (const auto& request : waiting_) hand_back(request);
  waiting_.clear();
  samples_ = 0;
}

void Instance::hand_back(const Waiting& request)
{
  ReplyHeader header = header_for(request);
  header.outcome = Outcome::handed_back;
  release(request);
  reply(request.lane, header);
}

/// A client has fewer requests under way than its ring has slots; but its credit may be on the way
/// still.
void Instance::reply(std::size_t lane, const ReplyHeader& header)
{
  if (owed_.empty() && replies_[lane]->room())
    replies_[lane]->publish(to_header(header));
  else
    owed_.push_back({lane, header});
}

bool Instance::pay()
{
  if (owed_.empty()) return false;
  const auto rest = std::remove_if(owed_.begin(), owed_.end(), [this](const Owed& owed) {
    if (!replies_[owed.lane]->room()) return false;
    replies_[owed.lane]->publish(to_header(owed.header));
    return true;
  });
  const bool paid = rest != owed_.end();
  owed_.erase(rest, owed_.end());
  return paid;
}

void Instance::release(const Waiting& request)
{
  release(request.lane, request.step);
}

/// Slots go back in the order in which they were filled.
void Instance::release(std::size_t lane, std::uint64_t step)
{
  auto& done = dealt_with_[lane];
  channel::InLane& in = *requests_[lane];
  done[step % done.size()] = 1;
  while (in.next() < unseen_[lane] && done[in.next() % done.size()] != 0) {
    done[in.next() % done.size()] = 0;
    in.release();
  }
}

}  // namespace cardan::service
