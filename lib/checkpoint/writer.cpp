#include "checkpoint/writer.hpp"

#include "checkpoint/table.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>

namespace cardan::checkpoint {

namespace {

enum Tag : int { describes = 1, fails = 2, ended = 3 };

std::string letter_of(const Facts& facts, bool begun, const std::vector<Item>& items)
{
  const auto bytes = nlohmann::json::to_msgpack(
      {facts.sequence, facts.step, facts.created, begun, to_bytes(describe(items))});
  return {bytes.begin(), bytes.end()};
}

std::string receive(MPI_Comm comm, const MPI_Status& status)
{
  int bytes = 0;
  MPI_Get_count(&status, MPI_CHAR, &bytes);
  std::string text(static_cast<std::size_t>(bytes), '\0');
  mpi::check(MPI_Recv(text.data(), bytes, MPI_CHAR, status.MPI_SOURCE, status.MPI_TAG, comm,
                      MPI_STATUS_IGNORE),
             "MPI_Recv");
  return text;
}

bool waits(MPI_Comm comm, int source, int tag, MPI_Status& status)
{
  int flag = 0;
  mpi::check(MPI_Iprobe(source, tag, comm, &flag, &status), "MPI_Iprobe");
  return flag != 0;
}

/// A message that is under way keeps its buffer; one that never arrives is left to the end of MPI.
void expect_sent(MPI_Request& request, double patience)
{
  if (request != MPI_REQUEST_NULL)
    mpi::wait(request, mpi::Deadline::in(patience), "a message about a checkpoint");
}

}  // namespace

Writer::Writer(MPI_Comm comm, const WriterSettings& settings)
    : settings_(settings),
      comm_(mpi::duplicate(comm)),
      rank_(mpi::rank(comm_.get())),
      series_(settings.file),
      background_(series_, settings.keep)
{}

Writer::~Writer()
{
  if (!mpi::alive()) return;
  for (auto* request : {&sending_, &telling_})
    if (*request != MPI_REQUEST_NULL) MPI_Request_free(request);
}

void Writer::begin(const Facts& facts, std::vector<Item> items, bool begun)
{
  expect_sent(sending_, settings_.patience);
  sequence_ = facts.sequence;
  own_ = letter_of(facts, begun, items);
  if (owns()) {
    const auto ranks = static_cast<std::size_t>(mpi::size(comm_.get()));
    arrived_.assign(ranks, {});
    arrived_[static_cast<std::size_t>(rank_)] = own_;
    missing_ = static_cast<int>(ranks) - 1;
    collecting_ = true;
  } else {
    mpi::check(MPI_Isend(own_.data(), static_cast<int>(own_.size()), MPI_CHAR, settings_.owner,
                         describes, comm_.get(), &sending_),
               "MPI_Isend");
  }
  begun_ = true;
  background_.begin({facts.sequence, series_.path(facts.sequence), rank_, owns(), std::move(items),
                     settings_.patience});
  if (owns()) poll();
}

void Writer::collect()
{
  MPI_Status status{};
  while (missing_ > 0 && waits(comm_.get(), MPI_ANY_SOURCE, describes, status)) {
    arrived_[static_cast<std::size_t>(status.MPI_SOURCE)] = receive(comm_.get(), status);
    --missing_;
  }
  if (missing_ > 0) return;
  collecting_ = false;
  try {
    make();
  } catch (const std::exception& error) {
    // The other ranks' threads wait for the file.
    std::error_code none;
    std::filesystem::remove(part_of(series_.path(sequence_)), none);
    background_.give_up(error.what());
    const std::string text = error.what();
    for (int rank = 0; rank < mpi::size(comm_.get()); ++rank)
      if (rank != rank_)
        mpi::check(MPI_Send(text.data(), static_cast<int>(text.size()), MPI_CHAR, rank, fails,
                            comm_.get()),
                   "MPI_Send");
  }
}

void Writer::make()
{
  std::vector<Description> all;
  Facts facts;
  bool begun = false;
  for (std::size_t rank = 0; rank < arrived_.size(); ++rank) {
    const auto letter = nlohmann::json::from_msgpack(arrived_[rank]);
    merge(all, from_bytes(letter[4].get<std::string>()));
    if (static_cast<int>(rank) != settings_.listener) continue;
    facts = {letter[0].get<std::int64_t>(), letter[1].get<std::int64_t>(),
             letter[2].get<std::string>()};
    begun = letter[3].get<bool>();
  }
  const std::string path = series_.path(sequence_);
  const auto places = lay_out(part_of(path), begun, all, facts);
  Table::create(table_of(path), places, static_cast<int>(arrived_.size()));
}

/// Takes in what the owner says.
void Writer::hear()
{
  MPI_Status status{};
  while (!owns() && waits(comm_.get(), settings_.owner, fails, status))
    background_.give_up(receive(comm_.get(), status));
  while (!owns() && rank_ == settings_.listener &&
         waits(comm_.get(), settings_.owner, ended, status)) {
    const auto letter = nlohmann::json::from_msgpack(receive(comm_.get(), status));
    outcomes_.push_back({letter[0].get<std::int64_t>(), letter[1].get<std::string>()});
  }
}

/// This rank's part has ended; the owner's end is the file's.
void Writer::settle()
{
  begun_ = false;
  const std::string failure = background_.take();
  if (!owns()) return;
  if (rank_ == settings_.listener) {
    outcomes_.push_back({sequence_, failure});
    return;
  }
  expect_sent(telling_, settings_.patience);
  const auto bytes = nlohmann::json::to_msgpack({sequence_, failure});
  outcome_text_.assign(bytes.begin(), bytes.end());
  mpi::check(MPI_Isend(outcome_text_.data(), static_cast<int>(outcome_text_.size()), MPI_CHAR,
                       settings_.listener, ended, comm_.get(), &telling_),
             "MPI_Isend");
}

void Writer::poll()
{
  if (collecting_) collect();
  if (!owns() && (begun_ || rank_ == settings_.listener)) hear();
  if (begun_ && !collecting_ && !background_.busy()) settle();
}

bool Writer::idle() const
{
  return !begun_;
}

std::optional<Outcome> Writer::outcome()
{
  if (outcomes_.empty()) return std::nullopt;
  const Outcome first = outcomes_.front();
  outcomes_.erase(outcomes_.begin());
  return first;
}

}  // namespace cardan::checkpoint
