#include "nuisance.hpp"

#include "random.hpp"

#include <utility>

namespace steer {
namespace {

class NoisyWalker : public Walker {
 public:
  NoisyWalker(std::unique_ptr<Walker> walker, std::size_t numbers, std::uint64_t seed)
      : walker_(std::move(walker)), numbers_(numbers), random_(~seed)
  {}
  double advance(std::int64_t steps) override { return walker_->advance(steps); }
  void save(std::span<double> state) const override { walker_->save(state); }
  void restart(std::span<const double> state, std::uint64_t seed) override
  {
    walker_->restart(state, seed);
  }
  void describe(std::span<double> descriptor) const override
  {
    walker_->describe(descriptor.first(descriptor.size() - numbers_));
    for (double& number : descriptor.last(numbers_)) number = random_.gaussian();
  }
  [[nodiscard]] int state() const override { return walker_->state(); }
  [[nodiscard]] double potential() const override { return walker_->potential(); }
  [[nodiscard]] double kinetic() const override { return walker_->kinetic(); }
  double hop() override { return walker_->hop(); }

 private:
  std::unique_ptr<Walker> walker_;
  std::size_t numbers_;
  mutable Random random_;
};

class NoisySystem : public System {
 public:
  NoisySystem(std::unique_ptr<System> system, std::int64_t numbers)
      : system_(std::move(system)), numbers_(numbers)
  {}
  [[nodiscard]] const std::vector<std::string>& states() const override
  {
    return system_->states();
  }
  [[nodiscard]] std::int64_t descriptor_size() const override
  {
    return system_->descriptor_size() + numbers_;
  }
  [[nodiscard]] std::int64_t state_size() const override { return system_->state_size(); }
  [[nodiscard]] double dt() const override { return system_->dt(); }
  [[nodiscard]] std::unique_ptr<Walker> walker(std::uint64_t seed) const override
  {
    return std::make_unique<NoisyWalker>(system_->walker(seed), static_cast<std::size_t>(numbers_),
                                         seed);
  }
  [[nodiscard]] std::vector<double> equilibrium() const override { return system_->equilibrium(); }

 private:
  std::unique_ptr<System> system_;
  std::int64_t numbers_;
};

}  // namespace

std::unique_ptr<System> with_nuisance(std::unique_ptr<System> system, std::int64_t numbers)
{
  return std::make_unique<NoisySystem>(std::move(system), numbers);
}

}  // namespace steer
