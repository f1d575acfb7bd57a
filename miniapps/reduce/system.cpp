#include "system.hpp"

#include <algorithm>
#include <stdexcept>

namespace reduce {

namespace {

class ReactingSystem : public System {
 public:
  ReactingSystem(MPI_Comm comm, const SystemSettings& settings, int dimensions)
      : changed_(settings.changed_rates), solver_(comm, solver_settings(settings, dimensions))
  {}
  void step() override { solver_.step(); }
  void change() override { solver_.set_rates(changed_.feed, changed_.kill); }
  [[nodiscard]] const Part& part() const override { return solver_.halo().part(); }
  [[nodiscard]] View view() const override
  {
    const Layout& layout = solver_.halo().layout();
    return {"species", solver_.state().data() + layout.first, 2, layout.component, layout.plane,
            layout.row};
  }
  [[nodiscard]] std::vector<double> save() const override
  {
    std::vector<double> all = solver_.state();
    all.push_back(solver_.settings().feed);
    all.push_back(solver_.settings().kill);
    return all;
  }
  void restore(const std::vector<double>& saved) override
  {
    std::copy_n(saved.begin(), solver_.state().size(), solver_.state().begin());
    solver_.set_rates(saved[saved.size() - 2], saved.back());
  }

 private:
  static GrayScottSettings solver_settings(const SystemSettings& settings, int dimensions)
  {
    GrayScottSettings solver;
    solver.dimensions = dimensions;
    solver.cells = {dimensions == 3 ? settings.size : 1, settings.size, settings.size};
    if (dimensions == 3) solver.dt = 0.75;
    solver.feed = settings.rates.feed;
    solver.kill = settings.rates.kill;
    solver.seed = settings.seed;
    return solver;
  }

  Rates changed_;
  GrayScott solver_;
};

class DecayingSystem : public System {
 public:
  DecayingSystem(MPI_Comm comm, const SystemSettings& settings)
      : changed_(settings.changed_viscosity), solver_(comm, solver_settings(settings))
  {}
  void step() override { solver_.step(); }
  void change() override { solver_.set_viscosity(changed_); }
  [[nodiscard]] const Part& part() const override { return solver_.halo().part(); }
  [[nodiscard]] View view() const override
  {
    const Part& own = part();
    return {"velocity", solver_.velocity().data(), 2, own.cells(), own.cells(), own.count[2]};
  }
  [[nodiscard]] std::vector<double> save() const override
  {
    std::vector<double> all = solver_.state();
    all.push_back(solver_.settings().viscosity);
    return all;
  }
  void restore(const std::vector<double>& saved) override
  {
    solver_.set_viscosity(saved.back());
    solver_.restore({saved.begin(), saved.end() - 1});
  }

 private:
  static TaylorGreenSettings solver_settings(const SystemSettings& settings)
  {
    TaylorGreenSettings solver;
    solver.cells = settings.size;
    solver.viscosity = settings.viscosity;
    solver.wavenumber = settings.wavenumber;
    solver.perturbation = settings.perturbation;
    solver.seed = settings.seed;
    return solver;
  }

  double changed_;
  TaylorGreen solver_;
};

}  // namespace

const std::vector<std::string>& known_systems()
{
  static const std::vector<std::string> names{"gray-scott", "gray-scott-3d", "taylor-green"};
  return names;
}

std::unique_ptr<System> make_system(MPI_Comm comm, const SystemSettings& settings)
{
  if (settings.name == "gray-scott") return std::make_unique<ReactingSystem>(comm, settings, 2);
  if (settings.name == "gray-scott-3d") return std::make_unique<ReactingSystem>(comm, settings, 3);
  if (settings.name == "taylor-green") return std::make_unique<DecayingSystem>(comm, settings);
  throw std::invalid_argument("there is no system '" + settings.name + "'");
}

std::vector<double> dense(const View& view, const Part& part)
{
  std::vector<double> all(static_cast<std::size_t>(view.components * part.cells()));
  auto* to = all.data();
  for (int c = 0; c < view.components; ++c)
    for (std::int64_t z = 0; z < part.count[0]; ++z)
      for (std::int64_t y = 0; y < part.count[1]; ++y)
        to = std::copy_n(view.data + c * view.component + z * view.plane + y * view.row,
                         part.count[2], to);
  return all;
}

}  // namespace reduce
