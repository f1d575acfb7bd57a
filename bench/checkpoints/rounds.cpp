#include "checkpoints/rounds.hpp"

#include "checkpoint/verify.hpp"
#include "checkpoints/own.hpp"
#include "checkpoints/plain.hpp"
#include "mpi/comm.hpp"
#include "statistics.hpp"
#include "table.hpp"
#include "team.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

namespace bench {

namespace {

namespace fs = std::filesystem;
namespace mpi = cardan::mpi;

/// Collective over MPI_COMM_WORLD: a folder that the first rank makes and takes away.
class Folder {
 public:
  explicit Folder(const std::string& in)
  {
    std::string name = fmt::format("{}/cardan-bench-checkpoint.{}", in, ::getpid());
    const auto patience = mpi::Deadline::in(60);
    owns_ = mpi::rank(MPI_COMM_WORLD) == 0;
    mpi::together(MPI_COMM_WORLD, patience, [&] {
      if (owns_) fs::create_directories(name);
    });
    name_ = mpi::broadcast(MPI_COMM_WORLD, name, 0, patience);
  }
  ~Folder()
  {
    std::error_code none;
    if (owns_) fs::remove_all(name_, none);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return name_ + "/" + name; }

 private:
  std::string name_;
  bool owns_ = false;
};

/// Collective: takes a file away, and waits until the file system has done so.
void remove(const Team& team, const std::string& path)
{
  MPI_Barrier(team.comm);
  if (team.speaks()) {
    fs::remove(path);
    const int folder = ::open(fs::path{path}.parent_path().c_str(), O_RDONLY | O_DIRECTORY);
    if (folder >= 0) {
      ::syncfs(folder);
      ::close(folder);
    }
  }
  MPI_Barrier(team.comm);
}

struct Case {
  std::string cut;
  double mebibytes;

  [[nodiscard]] cardan::Extents shape() const
  {
    return shape_of(static_cast<std::int64_t>(mebibytes * (1 << 20)));
  }
  [[nodiscard]] std::string name() const { return fmt::format("{} {:.4g} MiB", cut, mebibytes); }
};

/// Seconds of each round, of the slowest rank.
struct Rounds {
  std::vector<double> own, caller, plain, copy;
  /// Of the checkpoint before the first round, which finds no memory of an earlier one.
  double first_caller = 0;
  int files = 0;
  int verified = 0;
};

/// Throws on all ranks unless what both ways wrote is what they were given.
class Measured {
 public:
  Measured(const Team& team, const Case& asked, const Folder& folder)
      : team_(team),
        part_(team.comm, asked.cut == "slabs" ? Cut::slabs : Cut::blocks, asked.shape()),
        sum_(part_.checksum()),
        own_(team.comm, folder.file("own.h5")),
        plain_(folder.file("plain.h5"))
  {}

  void round(Rounds& rounds, bool verify, bool own_first)
  {
    if (own_first) own(rounds, verify);
    plain(rounds, verify);
    if (!own_first) own(rounds, verify);
    MPI_Barrier(team_.comm);
    rounds.copy.push_back(largest(team_, copy_plainly(part_)));
  }

 private:
  void own(Rounds& rounds, bool verify)
  {
    const Took took = own_.write(part_);
    rounds.own.push_back(largest(team_, took.whole));
    rounds.caller.push_back(largest(team_, took.caller));
    ++rounds.files;
    if (verify) {
      expect([&] {
        const auto sums = cardan::checkpoint::sum_up(own_.path());
        return sums.size() == 1 && sums[0].stated == sum_ && sums[0].found == sum_;
      });
      ++rounds.verified;
    }
    remove(team_, own_.path());
  }
  void plain(Rounds& rounds, bool verify)
  {
    MPI_Barrier(team_.comm);
    const double begin = now();
    write_plainly(team_.comm, plain_, part_);
    rounds.plain.push_back(largest(team_, now() - begin));
    ++rounds.files;
    if (verify) {
      expect([&] { return checksum_of_plain(plain_, part_.box().global) == sum_; });
      ++rounds.verified;
    }
    remove(team_, plain_);
  }
  template <class Right>
  void expect(Right&& right)
  {
    mpi::together(team_.comm, mpi::Deadline::in(300), [&] {
      if (team_.speaks() && !right()) throw cardan::Error{"a file does not hold what was written"};
    });
  }

  const Team& team_;
  Part part_;
  std::uint64_t sum_;
  Own own_;
  std::string plain_;
};

void tell(const Case& asked, int ranks, const CheckpointOptions& options, const Rounds& rounds,
          JsonLines& json)
{
  const Summary own = summarise(rounds.own);
  const Summary plain = summarise(rounds.plain);
  const Summary ratio = summarise(ratios(rounds.plain, rounds.own));
  const Summary caller = summarise(rounds.caller);
  const Summary copy = summarise(rounds.copy);
  const Summary copy_ratio = summarise(ratios(rounds.caller, rounds.copy));
  clear_progress();
  json.add({{"report", "checkpoint"},
            {"cut", asked.cut},
            {"ranks", ranks},
            {"bytes", asked.shape().product() * 8},
            {"rounds", options.rounds},
            {"files", rounds.files},
            {"verified", rounds.verified},
            {"seconds", own.median},
            {"seconds_spread", own.spread},
            {"plain_seconds", plain.median},
            {"plain_seconds_spread", plain.spread},
            {"ratio", ratio.median},
            {"ratio_spread", ratio.spread},
            {"caller_seconds", caller.median},
            {"caller_seconds_spread", caller.spread},
            {"first_caller_seconds", rounds.first_caller},
            {"copy_seconds", copy.median},
            {"copy_seconds_spread", copy.spread},
            {"copy_ratio", copy_ratio.median},
            {"copy_ratio_spread", copy_ratio.spread}});
  if (options.smoke)
    fmt::print("{:<17}{:>5} {} of {} files looked at\n", asked.name(), ranks, rounds.verified,
               rounds.files);
  else
    fmt::print("{:<17}{:>5}{:>11}{:>11}{:>8.2f} ({:.2f}){:>12}{:>11}{:>11}{:>8.2f} ({:.2f})\n",
               asked.name(), ranks, print_seconds(own.median), print_seconds(plain.median),
               ratio.median, ratio.spread, print_seconds(rounds.first_caller),
               print_seconds(caller.median), print_seconds(copy.median), copy_ratio.median,
               copy_ratio.spread);
  std::fflush(stdout);
}

void measure(const Team& team, const Case& asked, const Folder& folder,
             const CheckpointOptions& options, JsonLines& json)
{
  if (team.speaks())
    show_progress(fmt::format("checkpoint {}, {} rank(s)", asked.name(), team.producers));
  Measured measured{team, asked, folder};
  Rounds first;
  measured.round(first, true, true);
  Rounds rounds;
  rounds.first_caller = first.caller.front();
  for (int round = 0; round < options.rounds; ++round)
    measured.round(rounds, options.smoke, round % 2 == 0);
  rounds.files += first.files;
  rounds.verified += first.verified;
  if (team.speaks()) tell(asked, team.producers, options, rounds, json);
}

}  // namespace

void report_checkpoint(const CheckpointOptions& options, JsonLines& json)
{
  const Folder folder{options.folder};
  const int all = mpi::size(MPI_COMM_WORLD);
  if (mpi::rank(MPI_COMM_WORLD) == 0 && !options.smoke)
    fmt::print(
        "Until a file is whole and on the disk; the ratio is plain HDF5's time over Cardan's. "
        "Then what the caller waits.\n{:<17}{:>5}{:>11}{:>11}{:>15}{:>12}{:>11}{:>11}{:>15}\n",
        "array", "ranks", "Cardan", "HDF5", "ratio (IQR)", "first copy", "copy", "memcpy",
        "ratio (IQR)");
  std::set<int> counts{all};
  for (const int ranks : {1, 2, 3})
    if (ranks <= all) counts.insert(ranks);
  for (const double size : options.mebibytes)
    for (const auto& cut : options.cuts)
      for (const int ranks : counts) {
        // One rank has all of it, however it is cut.
        if (ranks == 1 && cut != options.cuts.front()) continue;
        Team team = make_team(MPI_COMM_WORLD, ranks, 0);
        const Case asked{cut, size};
        if (team.comm != MPI_COMM_NULL) measure(team, asked, folder, options, json);
        disband(MPI_COMM_WORLD, team);
      }
}

}  // namespace bench
