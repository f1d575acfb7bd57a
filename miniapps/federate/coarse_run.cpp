// A coarse solver with the learned closure in it, against means of the resolved runs.

#include "subgrid.hpp"

#include <cmath>
#include <limits>

namespace federate {

namespace {

/// All coarse runs at once: one call of the model for all faces.
class CoarseRuns {
 public:
  CoarseRuns(std::size_t cells, std::vector<double> means, std::vector<double> scaled_viscosity,
             const Answer* model)
      : cells_(cells), u_(std::move(means)), scaled_(std::move(scaled_viscosity)), model_(model)
  {}

  void advance(double time, long steps)
  {
    const double dt = time / static_cast<double>(steps);
    for (long step = 0; step < steps; ++step) {
      // Of order 3, by Shu and Osher.
      const auto first = added(u_, dt);
      auto second = added(first, dt);
      for (std::size_t i = 0; i < u_.size(); ++i) second[i] = 0.75 * u_[i] + 0.25 * second[i];
      const auto third = added(second, dt);
      for (std::size_t i = 0; i < u_.size(); ++i) u_[i] = (u_[i] + 2 * third[i]) / 3;
    }
  }
  [[nodiscard]] const std::vector<double>& means() const { return u_; }

 private:
  [[nodiscard]] std::size_t beside(std::size_t i, std::size_t by) const
  {
    const std::size_t run = i / cells_ * cells_;
    return run + (i - run + by) % cells_;
  }

  [[nodiscard]] std::vector<double> added(const std::vector<double>& u, double dt) const
  {
    const double spacing = 2.0 / static_cast<double>(cells_);
    std::vector<double> closure;
    if (model_ != nullptr) {
      std::vector<double> input;
      for (std::size_t i = 0; i < u.size(); ++i) {
        for (const std::size_t by : {cells_ - 1, std::size_t{0}, std::size_t{1}, std::size_t{2}})
          input.push_back(u[beside(i, by)]);
        input.push_back(scaled_[i]);
      }
      closure = (*model_)(input);
    }
    std::vector<double> flux(u.size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double viscosity = viscosity_unit * std::exp2(scaled_[i]);
      flux[i] = central_flux(u[i], u[beside(i, 1)], viscosity, spacing) +
                (closure.empty() ? 0 : flux_unit * closure[i]);
    }
    std::vector<double> next(u.size());
    for (std::size_t i = 0; i < u.size(); ++i)
      next[i] = u[i] - dt / spacing * (flux[i] - flux[beside(i, cells_ - 1)]);
    return next;
  }

  std::size_t cells_;
  std::vector<double> u_;
  std::vector<double> scaled_;
  const Answer* model_;
};

double distance(const std::vector<double>& a, const std::vector<double>& b)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

double Subgrid::run_error(const Samples& judged, const Answer& model) const
{
  const auto cells = static_cast<std::size_t>(settings_.cells);
  const auto each = static_cast<std::size_t>(shots()) * cells;
  const auto width = static_cast<std::size_t>(judged.inputs);
  std::vector<double> begin;
  std::vector<double> end;
  std::vector<double> viscosity;
  // A row's second number is the mean of the cell to the left of its face.
  for (std::size_t run = 0; run < static_cast<std::size_t>(judged.count); run += each)
    for (std::size_t i = 0; i < cells; ++i) {
      begin.push_back(judged.input[(run + i) * width + 1]);
      end.push_back(judged.input[(run + each - cells + i) * width + 1]);
      viscosity.push_back(judged.input[(run + i) * width + 4]);
    }
  constexpr long steps_of_a_shot = 10;
  const long steps = steps_of_a_shot * (shots() - 1);
  CoarseRuns with{cells, begin, viscosity, &model};
  CoarseRuns without{cells, begin, viscosity, nullptr};
  with.advance(settings_.time - settings_.every, steps);
  without.advance(settings_.time - settings_.every, steps);
  const double error = distance(with.means(), end) / distance(without.means(), end);
  return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
}

}  // namespace federate
