#include "couplers/ensemble/journal.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cardan::ensemble {

namespace {

/// A flush opens a file on all ranks, which takes milliseconds: rows are worth one when there are
/// so many, or when they are so old.
constexpr std::int64_t worth = 16384;
constexpr std::chrono::seconds oldest{5};
/// The first flush also makes the file, and allocates what later ones need.
constexpr std::chrono::milliseconds oldest_of_first{500};

}  // namespace

provenance::ColumnList journal_columns()
{
  using Type = provenance::Column::Type;
  return {{"member"},
          {"action"},
          {"from_member"},
          {"from_segment"},
          {"seed"},
          {"score", Type::number},
          {"weight", Type::number},
          {"replaced"}};
}

JournalLog::JournalLog(MPI_Comm comm, const provenance::Journal& journal,
                       const JournalOptions& options, std::function<void()> flush)
    : journal_(journal),
      rounds_between_(std::max(options.flush, worth / std::max(1, options.members))),
      rows_between_(std::max(options.flush, worth)),
      flush_(std::move(flush)),
      turns_(comm, options.patience, [this] { flushed(); })
{}

void JournalLog::flushed()
{
  flush_();
  first_ = false;
  rounds_ = 0;
  rows_ = 0;
  last_ = Clock::now();
}

void JournalLog::add(const Waiting& waiting, Followed followed, std::int64_t segment)
{
  const MemberDecision& decision = waiting.decision;
  if (followed == Followed::superseded) ++superseded_;
  ++rows_;
  provenance::SteeringRecord record;
  record.step = segment;
  record.stamp.id = decision.id;
  record.stamp.rank = waiting.rank;
  record.stamp.step = decision.made_from;
  record.stamp.age_steps = segment - decision.made_from;
  record.stamp.version = decision.version;
  record.stamp.latency = decision.latency;
  record.stamp.work = decision.work;
  record.stamp.reason = std::string_view{waiting.reason.data()};
  record.late = followed == Followed::although_late || followed == Followed::too_late;
  record.applied = followed == Followed::yes || followed == Followed::although_late;
  record.superseded = superseded_;
  const auto integer = [](auto value) { return static_cast<std::int64_t>(value); };
  const std::array<provenance::Word, 8> extra{integer(decision.member),
                                              integer(decision.action),
                                              integer(decision.from_member),
                                              decision.from_segment,
                                              integer(waiting.seed),
                                              decision.score,
                                              decision.weight,
                                              integer(followed == Followed::superseded)};
  journal_.record(record, extra, nullptr);
}

void JournalLog::round()
{
  if (++rounds_ >= rounds_between_) flushed();
}

/// The clock is looked at now and then: short segments should not pay for it.
void JournalLog::between()
{
  constexpr unsigned looks = 16;
  if (++looks_ % looks != 0) return;
  const auto age = Clock::now() - last_;
  turns_.poll(rows_ >= rows_between_ || age > oldest || (first_ && age > oldest_of_first));
}

}  // namespace cardan::ensemble
