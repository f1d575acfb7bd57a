#include "measure.hpp"

#include "support/mpi_alive.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace bench {

namespace {

std::vector<int> random_split(std::mt19937& generator, int ranks)
{
  std::vector<int> all(static_cast<std::size_t>(ranks));
  for (int r = 0; r < ranks; ++r) all[static_cast<std::size_t>(r)] = r;
  std::shuffle(all.begin(), all.end(), generator);
  all.resize(generator() % static_cast<unsigned>(ranks));
  return all;
}

template <class T>
T over_ranks(T value, MPI_Datatype type, MPI_Op operation)
{
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, type, operation, MPI_COMM_WORLD);
  return value;
}

double latest(double time)
{
  return over_ranks(time, MPI_DOUBLE, MPI_MAX);
}

std::int64_t sum(std::int64_t value)
{
  return over_ranks(value, MPI_INT64_T, MPI_SUM);
}

/// A protected array of stamps over all simulation ranks: each element says where it is and how
/// many splits it has seen.
class Stamps {
 public:
  /// Collective over the simulation ranks: what followed is looked at, and stamped anew.
  void open(cardan::Session& session, ResplitFigures& figures)
  {
    constexpr std::int64_t rows = 4096;
    constexpr std::int64_t columns = 4;
    int rank = 0;
    int ranks = 0;
    MPI_Comm_rank(session.comm(), &rank);
    MPI_Comm_size(session.comm(), &ranks);
    const std::int64_t first = rows * rank / ranks;
    const std::int64_t count = rows * (rank + 1) / ranks - first;
    stamps_.assign(static_cast<std::size_t>(count * columns), -1);
    const cardan::Box box{{rows, columns}, {first, 0}, {count, columns}};
    const bool followed =
        session.protect("stamps", cardan::Field{stamps_, {count, columns}}.in(box));
    if (followed != (session.splits() > 0)) ++figures.wrong;
    std::int64_t place = first * columns;
    for (auto& stamp : stamps_) {
      if (followed && stamp != place * many + session.splits() - 1) ++figures.wrong;
      stamp = place++ * many + session.splits();
    }
    if (followed) figures.elements += static_cast<std::int64_t>(stamps_.size());
  }

 private:
  static constexpr std::int64_t many = 10000000;
  std::vector<std::int64_t> stamps_;
};

/// All ranks stand between two splits: what was sent so far, and what was taken in.
void compare(cardan::Session& session, test::Load& load, ResplitFigures& figures)
{
  figures.right = load.settle() && figures.right;
  figures.observed = test::over_all(load.observed());
  figures.reported = test::over_all(load.reported());
  figures.requested = sum(load.requested());
  figures.answered = sum(load.answered());
  figures.decided_taken = sum(test::dealt_with(session));
  // All that hold anything hold the same: the lowest of them speaks.
  const auto taken = test::taken_in(session);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const int speaker = over_ranks(taken.reported.count > 0 ? rank : 1 << 30, MPI_INT, MPI_MIN);
  if (speaker == 1 << 30) return;
  std::array<std::int64_t, 7> numbers{
      taken.observed.count, taken.observed.sum, taken.observed.scrambled,
      taken.reported.count, taken.reported.sum, taken.reported.scrambled,
      taken.decided};
  MPI_Bcast(numbers.data(), 7, MPI_INT64_T, speaker, MPI_COMM_WORLD);
  figures.observed_taken = {numbers[0], numbers[1], numbers[2]};
  figures.reported_taken = {numbers[3], numbers[4], numbers[5]};
  figures.decided = numbers[6];
}

/// In the first and the last tenth of the splits that count.
void count_what_is_held(const ResplitOptions& options, int split, ResplitFigures& figures)
{
  const int tenth = std::max(1, options.splits / 10);
  const int done = split - options.warmup;
  if (done < 0 || (done >= tenth && done < options.splits - tenth)) return;
  Census& where = done < tenth ? figures.before : figures.after;
  where = larger(where, census(test::alive.windows, test::alive.communicators));
}

Census of_all(Census mine)
{
  MPI_Allreduce(MPI_IN_PLACE, mine.data(), static_cast<int>(mine.size()), MPI_INT64_T, MPI_MAX,
                MPI_COMM_WORLD);
  return mine;
}

void split_and_split(const ResplitOptions& options, const std::string& run_file,
                     ResplitFigures& figures)
{
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  cardan::Session session{MPI_COMM_WORLD, run_file};
  test::Load load{options.learns};
  Stamps stamps;
  std::mt19937 generator{options.seed};
  double left = 0;
  double opened = 0;
  double before = 0;
  do {
    // From the last rank that left its work to the last one that can work again, without what is
    // compared in between.
    const double end = latest(opened);
    if (session.splits() > options.warmup + 1) figures.seconds.push_back(before + end);
    const double begin = latest(left);
    before = latest(MPI_Wtime()) - begin;
    compare(session, load, figures);
    count_what_is_held(options, session.splits(), figures);
    MPI_Barrier(MPI_COMM_WORLD);
    const double resumed = latest(MPI_Wtime());
    const auto next = random_split(generator, ranks);
    left = opened = 0;
    if (session.serves()) {
      session.serve();
      continue;
    }
    stamps.open(session, figures);
    load.open(session);
    load.step(session);
    opened = MPI_Wtime() - resumed;
    for (int step = 1; step < options.steps; ++step) load.step(session);
    if (session.splits() <= options.warmup + options.splits) session.resplit_to(next);
    load.close();
    left = MPI_Wtime();
  } while (session.follow_split());
}

}  // namespace

ResplitFigures measure(const ResplitOptions& options, const std::string& run_file)
{
  ResplitFigures figures;
  split_and_split(options, run_file, figures);
  figures.elements = sum(figures.elements);
  figures.wrong = sum(figures.wrong);
  figures.right = over_ranks(figures.right ? 1 : 0, MPI_INT, MPI_MIN) != 0;
  figures.before = of_all(figures.before);
  figures.after = of_all(figures.after);
  figures.windows = test::alive.windows_made;
  figures.communicators = test::alive.communicators_made;
  figures.windows_left = sum(test::alive.windows);
  figures.communicators_left = sum(test::alive.communicators);
  return figures;
}

}  // namespace bench
