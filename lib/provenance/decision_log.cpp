#include "provenance/decision_log.hpp"

#include "mpi/comm.hpp"
#include "provenance/decision_file.hpp"
#include "provenance/files.hpp"
#include "support/log.hpp"

#include <cardan/version.hpp>

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iterator>

namespace cardan::provenance {

DecisionLog::DecisionLog(MPI_Comm comm, const Settings& settings, const LogRun& run)
    : comm_(comm), settings_(settings), run_(run)
{}

DecisionLog::~DecisionLog() = default;

std::string DecisionLog::named(const char* ending) const
{
  const std::string number = run_.split > 0 ? fmt::format("-{}", run_.split) : "";
  return (std::filesystem::path(settings_.folder) / ("decisions" + number + ending)).string();
}

std::string DecisionLog::file() const
{
  return named(".h5");
}

std::string DecisionLog::lines_file() const
{
  return named(".jsonl");
}

/// Before ranks write together: MPI-IO may hang where the disk is full.
void DecisionLog::prepare(std::int64_t bytes) const
{
  constexpr std::int64_t description = 1 << 20;
  if (mpi::rank(comm_) != 0) return;
  std::filesystem::create_directories(settings_.folder);
  expect_room(settings_.folder, static_cast<std::size_t>(2 * bytes + description));
  if (!written_ && run_.keep_old)
    for (const auto& name : {file(), lines_file()}) static_cast<void>(set_aside(name));
  if (!written_) std::filesystem::remove(lines_file());
  append(lines_file(), "");
}

void DecisionLog::write()
{
  DecisionFile decisions{comm_, file(),
                         written_ ? DecisionFile::Mode::append : DecisionFile::Mode::create};
  if (!written_) {
    decisions.attribute("format", std::string("cardan-decisions"));
    decisions.attribute("version", std::int64_t{1});
    decisions.attribute("cardan", std::string(version));
    decisions.attribute("run_file_sha256", run_.run_file_sha256);
    decisions.attribute("seed", run_.seed);
    decisions.attribute("ranks", std::int64_t{mpi::size(comm_)});
    decisions.attribute("answers", std::int64_t{settings_.answers ? 1 : 0});
  }
  for (auto& kind : kinds_) kind->write(decisions, comm_);
  decisions.close();
}

/// All ranks' lines go through the first one.
void DecisionLog::write_lines()
{
  std::string text;
  for (const auto& kind : kinds_) kind->lines(text);
  const bool first = mpi::rank(comm_) == 0;
  auto length = static_cast<int>(text.size());
  std::vector<int> lengths(first ? static_cast<std::size_t>(mpi::size(comm_)) : 0);
  mpi::check(MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, comm_), "MPI_Gather");
  std::vector<int> offsets;
  int total = 0;
  for (const int each : lengths) {
    offsets.push_back(total);
    total += each;
  }
  std::string all(static_cast<std::size_t>(total), ' ');
  mpi::check(MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), offsets.data(),
                         MPI_CHAR, 0, comm_),
             "MPI_Gatherv");
  if (first) append(lines_file(), all);
}

void DecisionLog::flush()
{
  if (!works_) return;
  const auto deadline = mpi::Deadline::in(run_.patience);
  mpi::agree(comm_, std::nullopt, deadline);
  std::int64_t bytes = 0;
  for (const auto& kind : kinds_) bytes += kind->pending();
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_INT64_T, MPI_SUM, comm_), "MPI_Allreduce");
  if (bytes == 0) return;
  try {
    mpi::together(comm_, deadline, [&] { prepare(bytes); });
    mpi::together(comm_, deadline, [&] { write(); });
    mpi::together(comm_, deadline, [&] { write_lines(); });
    written_ = true;
  } catch (const Late&) {
    throw;
  } catch (const std::exception& error) {
    works_ = false;
    if (mpi::rank(comm_) == 0)
      log("the decision log ends here: ", error.what(),
          " The run goes on without it; [run] folder names another place.");
  }
  for (auto& kind : kinds_) kind->clear();
}

void add_lines(std::string& text, const std::string& begin, const Table& table,
               const std::function<void(std::string& line, std::int64_t row)>& more)
{
  const auto& columns = table.columns();
  auto out = std::back_inserter(text);
  const Word* word = table.words().data();
  for (std::int64_t r = 0; r < table.rows(); ++r) {
    text += begin;
    for (const Column& column : columns) {
      text += ", \"" + column.name + "\": ";
      if (column.type == Column::Type::integer)
        fmt::format_to(out, "{}", word->integer);
      else if (column.type == Column::Type::hash)
        fmt::format_to(out, "\"{:016x}\"", static_cast<std::uint64_t>(word->integer));
      else if (std::isfinite(word->number))
        fmt::format_to(out, "{}", word->number);
      else
        text += "null";
      ++word;
    }
    if (more) more(text, r);
    text += "}\n";
  }
}

}  // namespace cardan::provenance
