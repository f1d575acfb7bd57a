#include "potential.hpp"

Potential::Potential(cardan::Session& session, const Melt& melt)
    : comm_(session.comm()),
      melt_(melt),
      model_(session.surrogate("potential")),
      energies_(static_cast<std::size_t>(melt.all())),
      forces_(3 * energies_.size())
{
  // A rank may come to have all atoms: the first call says so, and sends none.
  const std::int64_t all = melt.all();
  std::vector<double> room(static_cast<std::size_t>(3 * all * melt.most()));
  model_.observe({{"neighbours", {room, {all, melt.most(), 3}}}},
                 {{"energy", energies_}, {"force", {forces_, {all, 3}}}}, {});
}

void Potential::teach()
{
  const std::int64_t n = melt_.atoms();
  model_.observe({{"neighbours", {melt_.neighbours(), {n, melt_.most(), 3}}}},
                 {{"energy", {melt_.energies(), {n}}}, {"force", {melt_.forces(), {n, 3}}}});
  for (std::int64_t i = 0; i < n; ++i) {
    atom_.teach(melt_.energies()[i]);
    configuration_.teach(melt_.energies()[i]);
  }
}

std::int64_t Potential::predict()
{
  const std::int64_t n = melt_.atoms();
  const auto answer =
      model_.predict({{"neighbours", {melt_.neighbours(), {n, melt_.most(), 3}}}},
                     {{"energy", {energies_.data(), {n}}}, {"force", {forces_.data(), {n, 3}}}});
  std::int64_t trained = answer ? answer.stamp().trained_steps : 0;
  MPI_Allreduce(MPI_IN_PLACE, &trained, 1, MPI_INT64_T, MPI_MIN, comm_);
  if (trained == 0) return 0;

  std::array<double, 2> sums{};
  for (std::int64_t i = 0; i < n; ++i) {
    const double predicted = energies_[static_cast<std::size_t>(i)];
    atom_.add(melt_.energies()[i], predicted);
    sums[0] += melt_.energies()[i];
    sums[1] += predicted;
  }
  for (std::int64_t i = 0; i < 3 * n; ++i)
    force_.add(melt_.forces()[i], forces_[static_cast<std::size_t>(i)]);
  // One number of all ranks: the first counts it.
  int rank = 0;
  MPI_Comm_rank(comm_, &rank);
  MPI_Allreduce(MPI_IN_PLACE, sums.data(), 2, MPI_DOUBLE, MPI_SUM, comm_);
  const auto all = static_cast<double>(melt_.all());
  if (rank == 0) configuration_.add(sums[0] / all, sums[1] / all);
  return trained;
}

void Potential::tell(const std::string& when)
{
  atom_.print(comm_, when + ": energy of an atom");
  configuration_.print(comm_, when + ": energy per atom");
  force_.print(comm_, when + ": force");
}
