// A client's progress: replies are taken, requests sent, instances told.

#include "couplers/service/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::service {

bool Client::poll()
{
  bool ended = take_replies();
  if (!unsent_.empty() || ++polls_ % 16 == 0) {
    const std::int64_t now = clock();
    if (now - swept_ > sweep_every) ended = sweep(now) || ended;
    ended = send_waiting(now) || ended;
  }
  return ended;
}

bool Client::take_replies()
{
  bool ended = false;
  for (std::size_t p = 0; p < peers_.size(); ++p) {
    if (peers_[p].under_way == 0) continue;
    auto& lane = ends_->reply->in()[p];
    while (lane.ready()) {
      ended = take(p) || ended;
      lane.release();
    }
  }
  return ended;
}

bool Client::take(std::size_t p)
{
  Peer& peer = peers_[p];
  const auto header = read_header<ReplyHeader>(ends_->reply->in()[p].header());
  --peer.under_way;
  peer.status.queued = header.queued;
  told_version_ = std::max(told_version_, header.version);
  if (header.outcome == Outcome::done) {
    --peer.commands;
    return false;
  }
  const auto index = static_cast<std::size_t>(header.ticket & 0xfffff);
  if (index >= slots_.size() || slots_[index].ticket != header.ticket ||
      slots_[index].attempt != header.attempt || slots_[index].instance != static_cast<int>(p) ||
      slots_[index].status != RequestStatus::waiting) {
    ++counters_.stale;
    return false;
  }
  Slot& slot = slots_[index];
  switch (header.outcome) {
    case Outcome::answered: return take_answer(slot, index, p, header);
    case Outcome::handed_back:
      ++counters_.handed_back;
      slot.not_before = clock() + sweep_every;
      break;
    case Outcome::failed:
      ++counters_.refused;
      slot.failed_at = static_cast<int>(p);
      if (++slot.failures >= instances()) return end(index, RequestStatus::failed);
      break;
    case Outcome::done: break;
  }
  ask_again(index);
  return false;
}

bool Client::take_answer(Slot& slot, std::size_t index, std::size_t p, const ReplyHeader& header)
{
  if (header.version < newest_) {
    ++counters_.too_old;
    ask_again(index);
    return false;
  }
  newest_ = header.version;
  slot.version = header.version;
  slot.answered_by = static_cast<int>(p);
  slot.times.queue = static_cast<double>(header.queue);
  slot.times.batch_wait = static_cast<double>(header.batch_wait);
  slot.times.inference = static_cast<double>(header.inference);
  const auto& lane = ends_->reply->in()[p];
  for (std::size_t f = 0; f < slot.outputs.size(); ++f)
    store(lane.data(f), slot.outputs[f], slot.samples);
  end(index, RequestStatus::answered);
  const ResponseTimes& t = slot.times;
  slot.times.reply = t.total - t.put - t.queue - t.batch_wait - t.inference;
  return true;
}

/// Brings a request back to this rank, to be sent again; what comes from its old attempt is stale.
void Client::ask_again(std::size_t index)
{
  detach(slots_[index]);
  unsent_.push_back(index);
}

bool Client::send(std::size_t index, std::int64_t now)
{
  Slot& slot = slots_[index];
  const int to = choose(slot);
  if (to < 0) return false;
  const auto p = static_cast<std::size_t>(to);
  auto& lane = ends_->request->out()[p];
  RequestHeader header;
  header.count = slot.samples;
  header.step = context_.step;
  header.ticket = slot.ticket;
  header.version = newest_;
  header.attempt = ++slot.attempt;
  header.sent = now;
  header.patience = static_cast<float>(seconds(slot.deadline - now));
  header.priority = slot.priority;
  for (std::size_t f = 0; f < slot.inputs.size(); ++f)
    lane.put_samples(f, slot.inputs[f], 0, slot.samples);
  slot.sent = clock();
  header.sent = slot.sent;
  slot.times.put = seconds(slot.sent - slot.begun);
  lane.publish(to_header(header));
  Peer& peer = peers_[p];
  // Only what is under way can be late with its heartbeat.
  if (peer.under_way == 0) peer.moved = slot.sent;
  ++peer.under_way;
  ++peer.outstanding;
  slot.instance = to;
  return true;
}

bool Client::send_waiting(std::int64_t now)
{
  if (unsent_.empty()) return false;
  const bool lost = all_gone();
  bool ended = false;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < unsent_.size(); ++i) {
    const std::size_t index = unsent_[i];
    const bool may = !lost && slots_[index].deadline > now && slots_[index].not_before <= now;
    if (!may || !send(index, now)) unsent_[kept++] = index;
  }
  unsent_.resize(kept);
  while (lost && !unsent_.empty()) ended = end(unsent_.back(), RequestStatus::failed) || ended;
  return ended;
}

void Client::command(int instance, Verb verb)
{
  static_cast<void>(this->instance(instance));
  Peer& peer = peers_[static_cast<std::size_t>(instance)];
  peer.command = verb;
  peer.draining = verb == Verb::drain;
  send_commands();
}

std::uint32_t Client::swap(const std::string& file)
{
  if (file.size() > static_cast<std::size_t>(note_bytes))
    throw Error{fmt::format("the file of a swap of service '{}' has a name of {} bytes",
                            settings_.name, file.size()),
                fmt::format("{} at most can be told", note_bytes)};
  sweep(clock());
  ++told_version_;
  swap_file_ = file;
  for (auto& peer : peers_) peer.swap_to = told_version_;
  send_commands();
  return told_version_;
}

/// One command at a time is under way to an instance; the last one of a kind counts.
void Client::send_commands()
{
  for (std::size_t p = 0; p < peers_.size(); ++p) {
    Peer& peer = peers_[p];
    auto& lane = ends_->request->out()[p];
    if ((!peer.command && peer.swap_to == 0) || peer.commands > 0 || !lane.room()) continue;
    RequestHeader header;
    header.verb = peer.command ? *peer.command : Verb::swap;
    if (peer.command) {
      peer.command.reset();
    } else {
      header.version = peer.swap_to;
      header.note = static_cast<std::int64_t>(swap_file_.size());
      peer.swap_to = 0;
      const std::int64_t rows = (header.note + ends_->note_row - 1) / ends_->note_row;
      note_.assign(static_cast<std::size_t>(rows * ends_->note_row), '\0');
      std::copy(swap_file_.begin(), swap_file_.end(), note_.begin());
      if (rows > 0)
        lane.put_samples(
            ends_->note_part,
            Field{note_.data(), Dtype::uint8, true, {rows, ends_->note_row}, {ends_->note_row, 1}},
            0, rows);
    }
    lane.publish(to_header(header));
    ++peer.commands;
    if (peer.under_way++ == 0) peer.moved = clock();
  }
}

bool Client::wait_ready(double patience)
{
  const auto ready = [&] {
    sweep(clock());
    take_replies();
    return std::none_of(peers_.begin(), peers_.end(), [](const Peer& peer) {
      return peer.status.state == InstanceState::starting;
    });
  };
  if (!mpi::wait_until(ready, mpi::Deadline::in(patience))) return false;
  if (bootstrap_.publish == 0 && !peers_.empty()) {
    double load = 0;
    double warm_up = 0;
    for (auto& lane : ends_->request->out()) {
      load = std::max(load, 1e-9 * static_cast<double>(lane.said(load_word)));
      warm_up = std::max(warm_up, 1e-9 * static_cast<double>(lane.said(warm_up_word)));
    }
    bootstrap_.load = load;
    bootstrap_.warm_up = warm_up;
    bootstrap_.publish = std::max(1e-9, seconds(clock() - opened_) - warm_up);
  }
  return true;
}

}  // namespace cardan::service
