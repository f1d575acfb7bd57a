// A surrogate's records go to the files.

#include "mpi/comm.hpp"
#include "provenance/call_log.hpp"
#include "provenance/decision_file.hpp"

#include <cardan/error.hpp>

#include <algorithm>

namespace cardan::provenance {

namespace {

std::size_t column(const Table& table, const char* name)
{
  const auto& columns = table.columns();
  return static_cast<std::size_t>(
      std::find_if(columns.begin(), columns.end(),
                   [&](const Column& each) { return each.name == name; }) -
      columns.begin());
}

}  // namespace

std::int64_t CallLog::pending() const
{
  auto bytes = static_cast<std::int64_t>(sizeof(Word) * calls_.words().size() + origins_.size());
  for (const auto& sample : samples_) bytes += static_cast<std::int64_t>(sample.rows.size());
  return bytes;
}

/// Versions that no rank before has, on the first rank; none elsewhere.
void CallLog::gather_versions(MPI_Comm comm)
{
  const bool first = mpi::rank(comm) == 0;
  const auto mine = static_cast<int>(versions_.words().size());
  std::vector<int> counts(first ? static_cast<std::size_t>(mpi::size(comm)) : 0);
  mpi::check(MPI_Gather(&mine, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm), "MPI_Gather");
  std::vector<int> offsets;
  int total = 0;
  for (const int count : counts) {
    offsets.push_back(total);
    total += count;
  }
  std::vector<Word> all(static_cast<std::size_t>(total));
  mpi::check(MPI_Gatherv(versions_.words().data(), mine, MPI_INT64_T, all.data(), counts.data(),
                         offsets.data(), MPI_INT64_T, 0, comm),
             "MPI_Gatherv");
  versions_.clear();
  const std::size_t width = versions_.columns().size();
  for (std::size_t at = 0; at < all.size(); at += width) {
    const std::int64_t version = all[at].integer;
    if (std::find(known_versions_.begin(), known_versions_.end(), version) != known_versions_.end())
      continue;
    known_versions_.push_back(version);
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(at), width, versions_.add());
  }
}

/// The first call is collective over the simulation ranks: either all know the fields or none.
void CallLog::write(DecisionFile& file, MPI_Comm comm)
{
  const auto count = static_cast<std::int64_t>(origins_.size());
  const std::string source = name_ + "/source";
  std::int64_t before = 0;
  mpi::check(MPI_Exscan(&count, &before, 1, MPI_INT64_T, MPI_SUM, comm), "MPI_Exscan");
  if (mpi::rank(comm) == 0) before = 0;
  before += file.rows(source);
  const std::size_t first_row = column(calls_, "first_row");
  for (std::int64_t r = 0; r < calls_.rows(); ++r)
    calls_.row(r)[first_row].integer += answers_ ? before : 0;

  file.append(name_ + "/calls", calls_);
  gather_versions(comm);
  file.append(name_ + "/versions", versions_);
  for (auto& sample : samples_)
    file.append(name_ + "/samples/" + sample.name, sample.dtype, sample.shape,
                static_cast<std::int64_t>(origins_.size()), sample.rows.data());
  file.append(source, Dtype::uint8, {}, count, origins_.data());
}

void CallLog::lines(std::string& text) const
{
  add_lines(text, "{\"decision\": \"predict\", \"surrogate\": \"" + name_ + "\"", calls_);
}

void CallLog::clear()
{
  calls_.clear();
  versions_.clear();
  origins_.clear();
  for (auto& sample : samples_) sample.rows.clear();
  open_ = false;
}

}  // namespace cardan::provenance
