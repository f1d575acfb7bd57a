// An instance's begin and end, what it takes from its lanes, and what it says of itself.

#include "couplers/service/instance.hpp"

#include "couplers/service/handlers.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cardan::service {

namespace {

/// Between two looks of others at a queue that changes.
constexpr std::int64_t tell_every = 200'000;
/// `two_sided` keeps what is told until the client looks: after so many words to a client from
/// which nothing came, it is told nothing more.
constexpr int most_told = 256;

}  // namespace

Instance::Instance(const Context& context, const ServiceSettings& settings, const Ends& ends,
                   int index, std::vector<channel::InLane*> requests,
                   std::vector<channel::OutLane*> replies)
    : context_(context),
      settings_(settings),
      ends_(ends),
      index_(index),
      requests_(std::move(requests)),
      replies_(std::move(replies)),
      unseen_(requests_.size(), 0),
      dealt_with_(requests_.size()),
      told_(requests_.size(), 0),
      beat_every_(std::min<std::int64_t>(nanoseconds(settings.stall / 8), 50'000'000))
{
  const auto ring = static_cast<std::size_t>(std::max(settings.depth, 1)) + control_slots;
  for (auto& lane : dealt_with_) lane.assign(ring, 0);
  waiting_.reserve(ring * requests_.size());
  batch_.reserve(ring * requests_.size());
  owed_.reserve(ring * requests_.size());
  const std::int64_t most = std::max(settings.max_batch, ends.fields.capacity());
  for (const auto& field : ends.fields.inputs) {
    input_bytes_.push_back(field.shape.tail().product() * size_of(field.dtype));
    inputs_.emplace_back(static_cast<std::size_t>(most * input_bytes_.back()));
  }
  for (const auto& field : ends.fields.outputs) {
    output_bytes_.push_back(field.shape.tail().product() * size_of(field.dtype));
    outputs_.emplace_back(static_cast<std::size_t>(most * output_bytes_.back()));
  }
  input_columns_.resize(inputs_.size());
  output_columns_.resize(outputs_.size());
}

void Instance::load()
{
  const std::int64_t begun = clock();
  ServicePlace place;
  place.service = settings_.name;
  place.instance = index_;
  place.rank = mpi::rank(context_.everyone.get());
  place.threads = context_.threads;
  place.seed = static_cast<std::uint64_t>(context_.settings.seed);
  place.beat = [this] { tell(clock()); };
  handler_ = make_handler(context_.run_file, settings_, ends_.fields.signature(), place);
  load_ = clock() - begun;
}

void Instance::warm_up()
{
  const std::int64_t begun = clock();
  for (std::size_t f = 0; f < inputs_.size(); ++f) input_columns_[f] = inputs_[f].data();
  for (std::size_t f = 0; f < outputs_.size(); ++f) output_columns_[f] = outputs_[f].data();
  try {
    handler_->answer({1, input_columns_.data()}, {output_columns_.data(), nullptr});
    state_ = InstanceState::ready;
  } catch (const std::exception& error) {
    log("instance ", std::to_string(index_), " of service '", settings_.name,
        "' failed in its warm-up and is not used: ", error.what());
    state_ = InstanceState::gone;
  }
  const std::int64_t spent = clock() - begun;
  for (auto* lane : requests_) {
    lane->say(load_word, static_cast<std::uint64_t>(load_));
    lane->say(warm_up_word, static_cast<std::uint64_t>(spent));
  }
  free_since_ = clock();
  say();
}

bool Instance::poll()
{
  if (state_ == InstanceState::starting) {
    warm_up();
    return true;
  }
  bool worked = pay();
  worked = pull() || worked;
  // One batch at a time: what has no room in a client's ring yet stays where it is.
  if (!batch_.empty()) worked = answer() || worked;
  if (batch_.empty() && !waiting_.empty()) {
    // What was just seen is dealt with at once: it is still the same time.
    const std::int64_t now = worked && seen_at_ != 0 ? seen_at_ : clock();
    if (due(now)) {
      form(now);
      worked = true;
    }
    tell(now);
  } else if (worked || ++idle_ % 8 == 0) {
    tell(clock());
  }
  return worked;
}

bool Instance::pull()
{
  bool any = false;
  seen_at_ = 0;
  for (std::size_t l = 0; l < requests_.size(); ++l) {
    channel::InLane& lane = *requests_[l];
    const std::uint64_t newest = lane.look();
    if (unseen_[l] == newest) continue;
    if (!any) seen_at_ = clock();
    any = true;
    told_[l] = 0;
    while (unseen_[l] < newest) take(l, unseen_[l]++);
  }
  return any;
}

void Instance::take(std::size_t lane, std::uint64_t step)
{
  const auto request = read_header<RequestHeader>(requests_[lane]->header_of(step));
  if (request.verb != Verb::answer) {
    obey(lane, step, request);
    return;
  }
  Waiting entry{};
  entry.lane = lane;
  entry.step = step;
  entry.count = request.count;
  entry.ticket = request.ticket;
  entry.version = request.version;
  entry.attempt = request.attempt;
  entry.priority = request.priority;
  entry.seen = seen_at_;
  entry.sent = ends_.one_clock ? request.sent : entry.seen;
  entry.expires = entry.sent + nanoseconds(static_cast<double>(request.patience));
  entry.order = order_++;
  if (state_ == InstanceState::draining || state_ == InstanceState::gone) {
    hand_back(entry);
    return;
  }
  samples_ += entry.count;
  waiting_.push_back(entry);
  std::push_heap(waiting_.begin(), waiting_.end(), later);
}

/// Whether `a` is dealt with after `b`.
bool Instance::later(const Waiting& a, const Waiting& b)
{
  return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
}

void Instance::obey(std::size_t lane, std::uint64_t step, const RequestHeader& request)
{
  ReplyHeader header;
  header.ticket = request.ticket;
  header.outcome = Outcome::done;
  switch (request.verb) {
    case Verb::drain:
      if (state_ != InstanceState::gone) state_ = InstanceState::draining;
      hand_back_all();
      break;
    case Verb::resume:
      if (state_ == InstanceState::draining) state_ = InstanceState::ready;
      break;
    case Verb::swap: {
      const auto* note =
          reinterpret_cast<const char*>(requests_[lane]->data_of(step, ends_.note_part));
      swap(request.version, std::string{note, static_cast<std::size_t>(request.note)});
      break;
    }
    case Verb::answer: break;
  }
  release(lane, step);
  header.version = version_;
  // Who reads the reply knows the new state already.
  say();
  reply(lane, header);
}

/// Several clients may ask for the same version: it is made once.
void Instance::swap(std::uint32_t version, const std::string& file)
{
  if (version <= version_) return;
  try {
    handler_->swap(version, file);
    version_ = version;
  } catch (const std::exception& error) {
    log("instance ", std::to_string(index_), " of service '", settings_.name, "' stays at version ",
        std::to_string(version_), ": ", error.what());
  }
}

void Instance::tell(std::int64_t now)
{
  const std::int64_t age = now - told_at_;
  if (age < tell_every) return;
  Status status{state_, static_cast<std::uint32_t>(waiting_.size() + batch_.size()), beat_,
                version_};
  if (status.state == InstanceState::ready && status.queued > 0) status.state = InstanceState::busy;
  if (age < beat_every_ && pack(status) == told_status_) return;
  say();
}

// The only place where the registry's word is written: with a beat each time.
void Instance::say()
{
  Status status{state_, static_cast<std::uint32_t>(waiting_.size() + batch_.size()), ++beat_,
                version_};
  if (status.state == InstanceState::ready && status.queued > 0) status.state = InstanceState::busy;
  told_at_ = clock();
  told_status_ = pack(status);
  for (std::size_t l = 0; l < requests_.size(); ++l) {
    if (requests_[l]->transport() == TransportKind::two_sided && ++told_[l] > most_told) continue;
    // A client that has closed reads nothing more.
    if (!requests_[l]->closed()) requests_[l]->say(status_word, told_status_);
  }
}

bool Instance::finished()
{
  pull();
  return waiting_.empty() && batch_.empty() && owed_.empty() &&
         std::all_of(requests_.begin(), requests_.end(),
                     [](channel::InLane* lane) { return lane->drained(); });
}

void Instance::leave()
{
  state_ = InstanceState::gone;
  say();
}

}  // namespace cardan::service
