#include "spin_mutator.hpp"

#include <cardan/error.hpp>
#include <cardan/field.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace adapt {

namespace {

class Flips : public Mutator {
 public:
  Flips(const SpinSettings& settings, std::uint64_t seed, bool adapts)
      : seed_(seed),
        adapts_(adapts),
        share_(settings.flips, 1 / static_cast<double>(settings.shape.sites()), 0.5)
  {}
  void mutate(std::vector<Spins>& children, std::int64_t first, std::int64_t generation) override
  {
    for (auto& child : children) {
      SpinRandom random{seed_, SpinPurpose::mutation, generation, first++};
      flip(child, share_.share(), random);
    }
  }
  void judge(double successes) override
  {
    if (adapts_) share_.learn(successes);
  }
  [[nodiscard]] double share() const override { return share_.share(); }

 private:
  std::uint64_t seed_;
  bool adapts_;
  AdaptedShare share_;
};

/// Masks some sites of a window and draws them anew.
class Windows : public Mutator {
 public:
  Windows(const SpinSettings& settings, const Strip& strip, std::uint64_t seed, bool adapts)
      : settings_(settings),
        strip_(strip),
        seed_(seed),
        adapts_(adapts),
        share_(settings.masked, 1 / static_cast<double>(settings.window_sites()), 0.9)
  {}
  void judge(double successes) override
  {
    if (adapts_) share_.learn(successes);
  }
  [[nodiscard]] double share() const override { return share_.share(); }

 protected:
  [[nodiscard]] Window draw(SpinRandom& random) const
  {
    return draw_window(settings_.shape, settings_.window, share(), random);
  }
  [[nodiscard]] SpinRandom random_of(std::int64_t child, std::int64_t generation) const
  {
    return {seed_, SpinPurpose::mutation, generation, child};
  }

  const SpinSettings& settings_;
  const Strip& strip_;
  std::uint64_t seed_;

 private:
  bool adapts_;
  AdaptedShare share_;
};

class HeatBath : public Windows {
 public:
  using Windows::Windows;
  void mutate(std::vector<Spins>& children, std::int64_t first, std::int64_t generation) override
  {
    for (auto& child : children) {
      SpinRandom random = random_of(first++, generation);
      heat(strip_, child, draw(random), settings_.temperature, random);
    }
  }
};

/// Samples as the surrogate takes them.
struct Samples {
  std::int64_t sites;
  std::int64_t numbers;
  std::vector<float> tokens;
  std::vector<float> known;
  std::vector<float> spins;

  void resize(std::int64_t count)
  {
    tokens.assign(static_cast<std::size_t>(count * sites), 0);
    known.assign(static_cast<std::size_t>(count * sites * numbers), 0);
    spins.assign(static_cast<std::size_t>(count * sites), 0);
  }
  std::span<float> row(std::vector<float>& values, std::int64_t index, std::int64_t length) const
  {
    return std::span(values).subspan(static_cast<std::size_t>(index * length),
                                     static_cast<std::size_t>(length));
  }
  /// Fields of so many samples.
  std::vector<cardan::NamedField> inputs(std::int64_t count)
  {
    std::vector<cardan::NamedField> fields{
        {"tokens", cardan::Field{tokens.data(), {count, sites}}}};
    if (numbers > 0)
      fields.push_back({"known", cardan::Field{known.data(), {count, sites, numbers}}});
    return fields;
  }
  std::vector<cardan::NamedField> outputs(std::int64_t count)
  {
    return {{"spins", cardan::Field{spins.data(), {count, sites}}}};
  }
};

/// Asks a network that ML ranks train meanwhile.
class Network : public Windows {
 public:
  Network(const SpinSettings& settings, const Strip& strip, std::uint64_t seed,
          cardan::Session& session, Mutation mutation)
      : Windows(settings, strip, seed, mutation != Mutation::frozen),
        goes_on_(mutation == Mutation::adaptive),
        surrogate_(session.surrogate("mutation")),
        samples_{settings.window_sites(), numbers_of(settings.knowledge), {}, {}, {}}
  {
    MPI_Comm_rank(session.comm(), &rank_);
    MPI_Comm_size(session.comm(), &ranks_);
  }

  void learn(const Population& population, std::int64_t generation) override
  {
    if (generation > 0 && !goes_on_) return;
    const std::int64_t all = generation > 0 ? settings_.lessons : settings_.first_lessons;
    const std::int64_t first = all * rank_ / ranks_;
    const std::int64_t count = all * (rank_ + 1) / ranks_ - first;
    const auto elite = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(
               std::ceil(settings_.elite * static_cast<double>(population.size()))));
    // The first call says how many samples there will be at most.
    samples_.resize(count);
    for (std::int64_t i = 0; i < count; ++i) {
      SpinRandom random{seed_, SpinPurpose::lessons, generation, first + i};
      const auto& spins = population[static_cast<std::size_t>(random.index(elite))].spins;
      const Window window = draw(random);
      // Every lesson in a gauge of its own: patterns of the elite's spins are nothing to remember,
      // only what couplings make of them.
      const Spins gauge = random_spins(strip_.sites(), random);
      look(strip_, spins, window, settings_.window, settings_.knowledge, gauge,
           samples_.row(samples_.tokens, i, samples_.sites),
           samples_.row(samples_.known, i, samples_.sites * samples_.numbers));
      reveal(settings_.shape, spins, window, gauge,
             samples_.row(samples_.spins, i, samples_.sites));
    }
    surrogate_.observe(samples_.inputs(count), samples_.outputs(count));
  }

  void mutate(std::vector<Spins>& children, std::int64_t first, std::int64_t generation) override
  {
    const auto count = static_cast<std::int64_t>(children.size());
    samples_.resize(count);
    std::vector<Window> windows;
    std::vector<SpinRandom> randoms;
    windows.reserve(children.size());
    randoms.reserve(children.size());
    for (std::int64_t i = 0; i < count; ++i) {
      randoms.push_back(random_of(first + i, generation));
      windows.push_back(draw(randoms.back()));
      look(strip_, children[static_cast<std::size_t>(i)], windows.back(), settings_.window,
           settings_.knowledge, {}, samples_.row(samples_.tokens, i, samples_.sites),
           samples_.row(samples_.known, i, samples_.sites * samples_.numbers));
    }
    // Logits of samples that nobody answered stay 0: such spins are drawn at random.
    stamp_ = surrogate_.predict(samples_.inputs(count), samples_.outputs(count)).stamp();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto child = static_cast<std::size_t>(i);
      fill_in(settings_.shape, children[child], windows[child],
              samples_.row(samples_.spins, i, samples_.sites), settings_.sharpness, randoms[child]);
    }
  }

  [[nodiscard]] cardan::Stamp stamp() const override { return stamp_; }

 private:
  bool goes_on_;
  cardan::Surrogate surrogate_;
  Samples samples_;
  cardan::Stamp stamp_;
  int rank_ = 0;
  int ranks_ = 1;
};

}  // namespace

cardan::Stamp Mutator::stamp() const
{
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {0, 0, none, none, 0, 0};
}

std::unique_ptr<Mutator> make_mutator(Mutation mutation, cardan::Session& session,
                                      const SpinSettings& settings, const Strip& strip,
                                      std::uint64_t seed)
{
  switch (mutation) {
    case Mutation::flips:
    case Mutation::adapted_flips:
      return std::make_unique<Flips>(settings, seed, mutation == Mutation::adapted_flips);
    case Mutation::heat_bath: return std::make_unique<HeatBath>(settings, strip, seed, true);
    case Mutation::frozen:
    case Mutation::adapted_frozen:
    case Mutation::adaptive:
      return std::make_unique<Network>(settings, strip, seed, session, mutation);
  }
  throw cardan::Error{"there is no such mutation"};
}

}  // namespace adapt
