#include "provenance/steering_log.hpp"

#include "provenance/decision_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace cardan::provenance {

namespace {

constexpr std::int64_t reason_bytes = 64;

ColumnList columns_with(const ColumnList& extra)
{
  using Type = Column::Type;
  ColumnList columns{{"loop"},
                     {"step"},
                     {"rank"},
                     {"id"},
                     {"decider"},
                     {"from_step"},
                     {"age_steps"},
                     {"version"},
                     {"latency_seconds", Type::number},
                     {"work_seconds", Type::number},
                     {"late"},
                     {"applied"},
                     {"superseded"}};
  columns.insert(columns.end(), extra.begin(), extra.end());
  return columns;
}

/// As JSON has it. Bytes that are not ASCII may be cut text: each is a letter of Latin-1.
void add_text(std::string& text, std::string_view words)
{
  text += '"';
  for (const char letter : words) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\')
      (text += '\\') += letter;
    else if (code < 0x20 || code >= 0x7f)
      fmt::format_to(std::back_inserter(text), "\\u{:04x}", code);
    else
      text += letter;
  }
  text += '"';
}

}  // namespace

SteeringLog::SteeringLog(const std::string& kind, const std::string& name, int rank,
                         const ColumnList& extra, const Features& answers, std::size_t expected)
    : kind_(kind), name_(name), rank_(rank), rows_(columns_with(extra), expected)
{
  reasons_.reserve(expected * static_cast<std::size_t>(reason_bytes));
  for (const auto& feature : answers) answers_.push_back({feature, {}});
}

void SteeringLog::record(const SteeringRecord& record, std::span<const Word> extra,
                         const std::byte* const* columns)
{
  const DecisionStamp& stamp = record.stamp;
  Word* word = rows_.add();
  const auto put = [&](Word value) { *word++ = value; };
  put(record.loop);
  put(record.step);
  put(std::int64_t{rank_});
  put(stamp.id);
  put(std::int64_t{stamp.rank});
  put(stamp.step);
  put(stamp.age_steps);
  put(std::int64_t{stamp.version});
  put(stamp.latency);
  put(stamp.work);
  put(std::int64_t{record.late ? 1 : 0});
  put(std::int64_t{record.applied ? 1 : 0});
  put(record.superseded);
  for (const Word value : extra) put(value);
  const std::size_t begin = reasons_.size();
  reasons_.resize(begin + static_cast<std::size_t>(reason_bytes), '\0');
  std::copy_n(stamp.reason.begin(),
              std::min(stamp.reason.size(), static_cast<std::size_t>(reason_bytes - 1)),
              reasons_.begin() + static_cast<std::ptrdiff_t>(begin));
  for (std::size_t f = 0; f < answers_.size(); ++f)
    answers_[f].rows.insert(answers_[f].rows.end(), columns[f],
                            columns[f] + answers_[f].feature.bytes());
}

std::int64_t SteeringLog::pending() const
{
  auto bytes = sizeof(Word) * rows_.words().size() + reasons_.size();
  for (const auto& answer : answers_) bytes += answer.rows.size();
  return static_cast<std::int64_t>(bytes);
}

void SteeringLog::write(DecisionFile& file, MPI_Comm)
{
  const std::string group = kind_ + "/" + name_;
  file.append(group + "/decisions", rows_);
  file.append(group + "/reasons", Dtype::uint8, {reason_bytes}, rows_.rows(), reasons_.data());
  for (const auto& answer : answers_)
    file.append(group + "/fields/" + answer.feature.name, answer.feature.dtype,
                answer.feature.shape, rows_.rows(), answer.rows.data());
}

void SteeringLog::lines(std::string& text) const
{
  const std::string begin = fmt::format("{{\"decision\": \"{0}\", \"{0}\": \"{1}\"", kind_, name_);
  add_lines(text, begin, rows_, [this](std::string& line, std::int64_t row) {
    line += ", \"reason\": ";
    add_text(line, {reasons_.data() + row * reason_bytes});
  });
}

void SteeringLog::clear()
{
  rows_.clear();
  reasons_.clear();
  for (auto& answer : answers_) answer.rows.clear();
}

}  // namespace cardan::provenance
