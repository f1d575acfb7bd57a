#include "spin_search.hpp"

#include "exact_strip.hpp"
#include "genetic.hpp"
#include "spin_mutator.hpp"

#include <cardan/error.hpp>
#include <cardan/session.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <filesystem>

namespace adapt {

namespace {

/// All children of one generation, of which each rank computes a part.
class Brood {
 public:
  Brood(MPI_Comm comm, std::int64_t sites) : comm_(comm), sites_(sites)
  {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &ranks_);
  }
  [[nodiscard]] std::int64_t first(std::int64_t all) const { return all * rank_ / ranks_; }
  [[nodiscard]] std::int64_t count(std::int64_t all) const
  {
    return all * (rank_ + 1) / ranks_ - first(all);
  }
  [[nodiscard]] bool leads() const { return rank_ == 0; }
  [[nodiscard]] int ranks() const { return ranks_; }

  /// Everybody's, in order: collective.
  [[nodiscard]] std::vector<Individual> gather(const std::vector<Individual>& mine,
                                               std::int64_t all) const
  {
    std::vector<int> counts(static_cast<std::size_t>(ranks_));
    std::vector<int> firsts(counts.size());
    for (int r = 0; r < ranks_; ++r) {
      const auto i = static_cast<std::size_t>(r);
      firsts[i] = static_cast<int>(all * r / ranks_);
      counts[i] = static_cast<int>(all * (r + 1) / ranks_) - firsts[i];
    }
    std::vector<double> energies(static_cast<std::size_t>(all));
    std::vector<Spin> spins(static_cast<std::size_t>(all * sites_));
    std::vector<double> my_energies;
    std::vector<Spin> my_spins;
    my_energies.reserve(mine.size());
    my_spins.reserve(mine.size() * static_cast<std::size_t>(sites_));
    for (const auto& each : mine) {
      my_energies.push_back(each.energy);
      my_spins.insert(my_spins.end(), each.spins.begin(), each.spins.end());
    }
    MPI_Allgatherv(my_energies.data(), static_cast<int>(mine.size()), MPI_DOUBLE, energies.data(),
                   counts.data(), firsts.data(), MPI_DOUBLE, comm_);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] *= static_cast<int>(sites_);
      firsts[i] *= static_cast<int>(sites_);
    }
    MPI_Allgatherv(my_spins.data(), static_cast<int>(my_spins.size()), MPI_INT8_T, spins.data(),
                   counts.data(), firsts.data(), MPI_INT8_T, comm_);
    std::vector<Individual> everybody;
    everybody.reserve(energies.size());
    for (std::int64_t i = 0; i < all; ++i)
      everybody.push_back({{spins.begin() + i * sites_, spins.begin() + (i + 1) * sites_},
                           energies[static_cast<std::size_t>(i)]});
    return everybody;
  }

 private:
  MPI_Comm comm_;
  std::int64_t sites_;
  int rank_ = 0;
  int ranks_ = 1;
};

class Search {
 public:
  Search(cardan::Session& session, const SpinSettings& settings, const Strip& strip,
         Mutation mutation, std::uint64_t seed)
      : settings_(settings),
        strip_(strip),
        seed_(seed),
        brood_(session.comm(), strip.sites()),
        mutator_(make_mutator(mutation, session, settings, strip, seed))
  {
    result_.simulation_ranks = brood_.ranks();
    result_.ml_ranks = session.ml_ranks();
  }

  void start()
  {
    const std::int64_t first = brood_.first(settings_.population);
    const std::int64_t count = brood_.count(settings_.population);
    std::vector<Individual> mine;
    mine.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      SpinRandom random{seed_, SpinPurpose::start, 0, first + i};
      mine.push_back({random_spins(strip_.sites(), random), 0});
    }
    compute(mine);
    population_ = brood_.gather(mine, settings_.population);
    order(population_);
    record(0, settings_.population);
    learn(0);
  }

  /// Generations count from 1.
  void advance(std::int64_t generation)
  {
    const std::int64_t first = brood_.first(settings_.children);
    const std::int64_t count = brood_.count(settings_.children);
    std::vector<Spins> children;
    children.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) children.push_back(child_of(generation, first + i));
    const double begin = MPI_Wtime();
    mutator_->mutate(children, first, generation);
    result_.mutation_seconds += MPI_Wtime() - begin;
    std::vector<Individual> mine;
    mine.reserve(children.size());
    for (auto& child : children) mine.push_back({std::move(child), 0});
    compute(mine);
    auto all = brood_.gather(mine, settings_.children);
    double better = 0;
    for (std::int64_t i = 0; i < settings_.children; ++i)
      better += all[static_cast<std::size_t>(i)].energy < parent_energy(generation, i) ? 1 : 0;
    better /= static_cast<double>(settings_.children);
    survive(population_, std::move(all));
    record(better, settings_.children);
    mutator_->judge(better);
    learn(generation);
  }

  [[nodiscard]] SpinSearch& result() { return result_; }
  [[nodiscard]] const Population& population() const { return population_; }
  [[nodiscard]] bool leads() const { return brood_.leads(); }

 private:
  [[nodiscard]] std::size_t parent_of(SpinRandom& random) const
  {
    return tournament(population_, settings_.entrants, random);
  }
  [[nodiscard]] double parent_energy(std::int64_t generation, std::int64_t child) const
  {
    SpinRandom random{seed_, SpinPurpose::parents, generation, child};
    return population_[parent_of(random)].energy;
  }
  [[nodiscard]] Spins child_of(std::int64_t generation, std::int64_t child) const
  {
    SpinRandom parents{seed_, SpinPurpose::parents, generation, child};
    const auto& one = population_[parent_of(parents)].spins;
    SpinRandom random{seed_, SpinPurpose::crossover, generation, child};
    if (random.uniform() >= settings_.crossover) return one;
    const auto& other = population_[parent_of(parents)].spins;
    return crossover(settings_.shape, one, other, random);
  }
  void compute(std::vector<Individual>& mine)
  {
    const double begin = MPI_Wtime();
    for (auto& each : mine) each.energy = strip_.energy(each.spins);
    result_.energy_seconds += MPI_Wtime() - begin;
  }
  void learn(std::int64_t generation)
  {
    const double begin = MPI_Wtime();
    mutator_->learn(population_, generation);
    result_.mutation_seconds += MPI_Wtime() - begin;
  }
  void record(double better, std::int64_t calls)
  {
    double sum = 0;
    for (const auto& each : population_) sum += each.energy;
    const auto stamp = mutator_->stamp();
    result_.calls.push_back(calls + (result_.calls.empty() ? 0 : result_.calls.back()));
    result_.best.push_back(population_.front().energy);
    result_.mean.push_back(sum / static_cast<double>(population_.size()));
    result_.share.push_back(mutator_->share());
    result_.successes.push_back(better);
    result_.loss.push_back(stamp.loss);
    result_.version.push_back(stamp.version);
  }

  const SpinSettings& settings_;
  const Strip& strip_;
  std::uint64_t seed_;
  Brood brood_;
  std::unique_ptr<Mutator> mutator_;
  Population population_;
  SpinSearch result_;
};

/// Tables that other tasks have in the same file.
void ask_others(const cardan::Session& session)
{
  const auto table = session.config("adapt");
  for (const auto& key : table.keys()) table.ask_all(key);
}

SpinSearch searched(cardan::Session& session, const SpinSettings& settings,
                    const std::string& method, std::int64_t seed)
{
  const Strip strip{settings.shape, static_cast<std::uint64_t>(seed)};
  const double begin = MPI_Wtime();
  const GroundState ground = ground_state(strip);
  const double exact = MPI_Wtime() - begin;
  Search search{session, settings, strip, mutation_of(method), static_cast<std::uint64_t>(seed)};
  MPI_Barrier(session.comm());
  const double start = MPI_Wtime();
  search.start();
  for (const auto generation : session.steps(settings.generations)) search.advance(generation + 1);
  MPI_Barrier(session.comm());
  SpinSearch result = std::move(search.result());
  result.seconds = MPI_Wtime() - start;
  result.exact_seconds = exact;
  result.method = method;
  result.seed = seed;
  result.optimum = ground.energy;
  result.spins = search.population().front().spins;
  result.ml_library = session.ml_library();
  return result;
}

}  // namespace

double SpinSearch::fraction(std::int64_t after) const
{
  double found = best.front();
  for (std::size_t i = 0; i < calls.size() && calls[i] <= after; ++i) found = best[i];
  return found / optimum;
}

std::optional<std::int64_t> SpinSearch::calls_to(double fraction) const
{
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (best[i] / optimum >= fraction) return calls[i];
  return std::nullopt;
}

std::optional<SpinSearch> search_spins(const SpinSettings& settings, const SpinRequest& request,
                                       const std::string& method, std::int64_t seed)
{
  cardan::SessionOptions options;
  options.seed = seed;
  // Without a network all ranks compute energies.
  options.without_ml = request.without_ml || !learns(mutation_of(method));
  options.folder =
      (std::filesystem::path(request.folder) / fmt::format("runs/spin-{}-{}", method, seed))
          .string();
  cardan::Session session{MPI_COMM_WORLD, request.run_file, options};
  ask_others(session);
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the search ended with an error");
    return std::nullopt;
  }
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  SpinSearch result = searched(session, settings, method, seed);
  if (rank != 0) return std::nullopt;
  return result;
}

}  // namespace adapt
