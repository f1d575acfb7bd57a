#include "truth.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace funnel {

namespace {

constexpr std::size_t numbers = 5;

std::array<std::vector<double>*, numbers> columns(Truth& truth)
{
  return {&truth.labels, &truth.lower, &truth.upper, &truth.coarse16, &truth.coarse32};
}

/// All of a candidate's numbers, side by side; seconds are added.
void look(Laboratory& laboratory, std::int64_t candidate, double* row,
          std::array<double, 4>& seconds)
{
  const double begin = MPI_Wtime();
  static_cast<void>(laboratory.image(candidate));
  const double made = MPI_Wtime();
  row[3] = laboratory.coarse(candidate, 16);
  const double sixteen = MPI_Wtime();
  row[4] = laboratory.coarse(candidate, 32);
  const double thirty_two = MPI_Wtime();
  const Bracket found = laboratory.fine(candidate);
  const double end = MPI_Wtime();
  row[0] = found.label();
  row[1] = found.lower.xx;
  row[2] = found.upper.xx;
  seconds[0] += made - begin;
  seconds[1] += sixteen - made;
  seconds[2] += thirty_two - sixteen;
  seconds[3] += end - thirty_two;
}

}  // namespace

Truth find_truth(MPI_Comm comm, Laboratory& laboratory, std::int64_t candidates)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  for (const int size : {16, 32, laboratory.library().settings().size}) laboratory.prepare(size);
  std::vector<double> rows(static_cast<std::size_t>(candidates) * numbers, 0.0);
  std::array<double, 4> seconds{};
  for (std::int64_t candidate = rank; candidate < candidates; candidate += ranks)
    look(laboratory, candidate, &rows[static_cast<std::size_t>(candidate) * numbers], seconds);
  // Each rank adds its own to zeros.
  for (std::int64_t first = 0; first < candidates; first += 1 << 20) {
    const auto count = std::min<std::int64_t>(candidates - first, 1 << 20) * std::int64_t{numbers};
    double* part = &rows[static_cast<std::size_t>(first) * numbers];
    MPI_Reduce(rank == 0 ? MPI_IN_PLACE : part, part, static_cast<int>(count), MPI_DOUBLE, MPI_SUM,
               0, comm);
  }
  MPI_Allreduce(MPI_IN_PLACE, seconds.data(), 4, MPI_DOUBLE, MPI_SUM, comm);
  Truth truth;
  const auto of = columns(truth);
  for (std::size_t c = 0; c < numbers; ++c) {
    of[c]->reserve(static_cast<std::size_t>(candidates));
    for (std::size_t i = c; i < rows.size(); i += numbers) of[c]->push_back(rows[i]);
  }
  const auto count = static_cast<double>(candidates);
  truth.image_seconds = seconds[0] / count;
  truth.coarse16_seconds = seconds[1] / count;
  truth.coarse32_seconds = seconds[2] / count;
  truth.fine_seconds = seconds[3] / count;
  return truth;
}

std::string kept_name(const std::string& folder, const Laboratory& laboratory,
                      std::int64_t candidates)
{
  const LibrarySettings& of = laboratory.library().settings();
  return (std::filesystem::path(folder) /
          fmt::format("truth-{}-{}-{}-{:g}-{:g}-{:g}-{:g}-{:g}-{:g}.h5", of.seed, candidates,
                      of.size, of.least_fraction, of.most_fraction, of.least_length, of.most_length,
                      of.most_ratio, laboratory.phases().better / laboratory.phases().worse))
      .string();
}

void keep(const Truth& truth, const std::string& path)
{
  std::error_code code;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  Truth copy = truth;
  const auto of = columns(copy);
  for (std::size_t c = 0; c < numbers; ++c) archive.series(fmt::format("column{}", c), *of[c]);
  const std::vector<double> seconds{truth.image_seconds, truth.coarse16_seconds,
                                    truth.coarse32_seconds, truth.fine_seconds};
  archive.series("seconds", seconds);
  archive.close();
}

Truth kept(const std::string& path, std::int64_t candidates)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::read};
  Truth truth;
  for (std::size_t c = 0; c < numbers; ++c) {
    std::vector<double>& column = *columns(truth)[c];
    column.resize(static_cast<std::size_t>(candidates));
    const cardan::Extents shape{candidates};
    archive.read(fmt::format("column{}", c),
                 cardan::Field{column.data(), shape}.in({shape, {0}, shape}));
  }
  std::vector<double> seconds(4);
  const cardan::Extents four{4};
  archive.read("seconds", cardan::Field{seconds.data(), four}.in({four, {0}, four}));
  truth.image_seconds = seconds[0];
  truth.coarse16_seconds = seconds[1];
  truth.coarse32_seconds = seconds[2];
  truth.fine_seconds = seconds[3];
  truth.was_kept = true;
  return truth;
}

}  // namespace funnel
