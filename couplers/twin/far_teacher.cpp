// A trainer on a rank of its own: samples as messages there, versions as messages back.

#include "couplers/twin/teacher.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace cardan::twin {

namespace {

constexpr int samples_tag = 1;
constexpr int news_tag = 2;
/// Messages with samples under way; what comes on top is left out.
constexpr std::size_t most_under_way = 64;

bool done(MPI_Request& request)
{
  int flag = 0;
  mpi::check(MPI_Test(&request, &flag, MPI_STATUS_IGNORE), "MPI_Test");
  return flag != 0;
}

template <class Visit>
void each_column(const Features& features, std::int64_t count, Visit&& visit)
{
  for (std::size_t f = 0; f < features.size(); ++f)
    visit(f, static_cast<std::size_t>(count * features[f].bytes()));
}

/// Columns begin at multiples of 8 bytes.
std::size_t rounded(std::size_t bytes)
{
  return (bytes + 7) / 8 * 8;
}

}  // namespace

FarTeacher::FarTeacher(mpi::Comm pair, const Signature& signature, std::size_t state_bytes)
    : pair_(std::move(pair)), signature_(signature), arriving_(sizeof(News) + state_bytes)
{
  listen();
}

void FarTeacher::listen()
{
  mpi::check(MPI_Irecv(arriving_.data(), static_cast<int>(arriving_.size()), MPI_BYTE, 1, news_tag,
                       pair_.get(), &listening_),
             "MPI_Irecv");
}

void FarTeacher::send(std::vector<std::byte> bytes)
{
  under_way_.push_back({std::move(bytes), MPI_REQUEST_NULL});
  Sent& sent = under_way_.back();
  mpi::check(MPI_Isend(sent.bytes.data(), static_cast<int>(sent.bytes.size()), MPI_BYTE, 1,
                       samples_tag, pair_.get(), &sent.request),
             "MPI_Isend");
}

void FarTeacher::teach(const Batch& inputs, const Batch& targets)
{
  static_cast<void>(work(0));
  if (inputs.count == 0 || under_way_.size() >= most_under_way) return;
  std::vector<std::byte> bytes(sizeof(std::int64_t));
  std::memcpy(bytes.data(), &inputs.count, sizeof inputs.count);
  const auto add = [&](const Features& features, const Batch& batch) {
    each_column(features, batch.count, [&](std::size_t f, std::size_t size) {
      const std::size_t at = bytes.size();
      bytes.resize(at + rounded(size));
      std::memcpy(bytes.data() + at, batch.columns[f], size);
    });
  };
  add(signature_.inputs, inputs);
  add(signature_.outputs, targets);
  if (bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()))
    send(std::move(bytes));
}

bool FarTeacher::work(double)
{
  under_way_.remove_if([](Sent& sent) { return done(sent.request); });
  if (last_ || !done(listening_)) return false;
  News news;
  std::memcpy(&news, arriving_.data(), sizeof news);
  last_ = news.last != 0;
  if (news.version.number > newest_.number) {
    newest_ = news.version;
    state_.assign(arriving_.begin() + sizeof news, arriving_.end());
    fresh_ = true;
  }
  if (!last_) listen();
  return true;
}

bool FarTeacher::take(Version& version, std::vector<std::byte>& state)
{
  if (!std::exchange(fresh_, false)) return false;
  version = newest_;
  state = state_;
  return true;
}

void FarTeacher::end()
{
  send(std::vector<std::byte>(sizeof(std::int64_t)));
}

bool FarTeacher::ended()
{
  static_cast<void>(work(0));
  return last_ && under_way_.empty();
}

FarTrainer::FarTrainer(mpi::Comm pair, Trainer trainer, const Signature& signature,
                       std::int64_t slice)
    : pair_(std::move(pair)),
      trainer_(std::move(trainer)),
      signature_(signature),
      slice_(slice),
      x_(signature.inputs.size()),
      y_(signature.outputs.size()),
      news_(sizeof(News) + trainer_.state().size())
{}

bool FarTrainer::poll()
{
  if (ended()) return false;
  const bool heard = hear();
  if (sending_ != MPI_REQUEST_NULL && !done(sending_)) return heard;
  if (told_) return true;
  if (over_ || trainer_.version().number > sent_) {
    send(over_);
    return true;
  }
  if (!trainer_.due()) return heard;
  static_cast<void>(trainer_.learn(slice_));
  return true;
}

bool FarTrainer::hear()
{
  bool any = false;
  while (!over_) {
    MPI_Status status{};
    int waits = 0;
    mpi::check(MPI_Iprobe(0, samples_tag, pair_.get(), &waits, &status), "MPI_Iprobe");
    if (waits == 0) break;
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    arrived_.resize(static_cast<std::size_t>(bytes));
    mpi::check(
        MPI_Recv(arrived_.data(), bytes, MPI_BYTE, 0, samples_tag, pair_.get(), MPI_STATUS_IGNORE),
        "MPI_Recv");
    any = true;
    std::int64_t count = 0;
    std::memcpy(&count, arrived_.data(), sizeof count);
    over_ = count == 0;
    if (over_) break;
    const std::byte* next = arrived_.data() + sizeof count;
    const auto find = [&](const Features& features, std::vector<const std::byte*>& columns) {
      each_column(features, count, [&](std::size_t f, std::size_t size) {
        columns[f] = next;
        next += rounded(size);
      });
    };
    find(signature_.inputs, x_);
    find(signature_.outputs, y_);
    trainer_.teach({count, x_.data()}, {count, y_.data()});
  }
  return any;
}

void FarTrainer::send(bool last)
{
  News news;
  news.version = trainer_.version();
  news.last = last ? 1 : 0;
  std::memcpy(news_.data(), &news, sizeof news);
  std::copy(trainer_.state().begin(), trainer_.state().end(), news_.begin() + sizeof news);
  mpi::check(MPI_Isend(news_.data(), static_cast<int>(news_.size()), MPI_BYTE, 0, news_tag,
                       pair_.get(), &sending_),
             "MPI_Isend");
  sent_ = news.version.number;
  told_ = last;
}

}  // namespace cardan::twin
