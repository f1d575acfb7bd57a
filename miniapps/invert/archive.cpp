#include "report.hpp"

#include "wanted.hpp"

#include <cardan/archive.hpp>

#include <cmath>

namespace invert {

namespace {

void write_array(cardan::Archive& archive, const std::string& name, std::vector<double> values,
                 const cardan::Extents& shape)
{
  const auto zeros = cardan::Extents::filled(shape.rank(), 0);
  archive.write(name, cardan::Field{values.data(), shape}.in({shape, zeros, shape}));
}

void write_chains(cardan::Archive& archive, const std::string& group, const Episode& run)
{
  if (run.traces.empty() || run.traces.front().log_likelihood.empty()) return;
  std::vector<double> theta;
  std::vector<double> likelihood;
  for (const auto& trace : run.traces) {
    theta.insert(theta.end(), trace.theta.begin(), trace.theta.end());
    likelihood.insert(likelihood.end(), trace.log_likelihood.begin(), trace.log_likelihood.end());
  }
  const auto chains = static_cast<std::int64_t>(run.traces.size());
  const auto kept = static_cast<std::int64_t>(run.traces.front().log_likelihood.size());
  const auto blocks = static_cast<std::int64_t>(run.report.mean.size());
  write_array(archive, group + "/theta", theta, {chains, kept, blocks});
  write_array(archive, group + "/log_likelihood", likelihood, {chains, kept});
  archive.attribute(group, "steps_between",
                    static_cast<double>(run.report.steps) / static_cast<double>(chains * kept));
  archive.attribute(group, "solves", run.report.solves);
}

void write_posterior(cardan::Archive& archive, const Episode& run)
{
  const std::string group = "methods/" + run.plan.method;
  archive.series(group + "/mean", run.report.mean);
  archive.series(group + "/deviation", run.report.deviation);
  archive.series(group + "/effective", run.report.effective);
  archive.series(group + "/reduction", run.report.reduction);
  archive.series(group + "/error", run.errors);
  write_chains(archive, group, run);
}

void write_design(cardan::Archive& archive, const Results& results)
{
  const Episode& run = results.episodes.front();
  std::vector<double> a(run.report.design);
  for (double& value : a) value = std::exp(value);
  const Mesh mesh;
  Membrane membrane{mesh};
  std::vector<double> measured(mesh.measurements());
  membrane.solve(a, measured);
  archive.series("design/stiffness", a);
  archive.series("design/misfits", run.report.misfits);
  write_array(archive, "design/reached", measured, {mesh.points, mesh.points});
  write_array(archive, "design/wanted", wanted_field(results.settings.wanted),
              {mesh.points, mesh.points});
  write_array(archive, "design/field", membrane.field(), {mesh.cells + 1, mesh.cells + 1});
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  archive.series("truth", true_stiffness());
  archive.attribute("/", "prior_mean", results.settings.prior.mean);
  archive.attribute("/", "prior_deviation", results.settings.prior.deviation);
  if (results.settings.mode == "design")
    write_design(archive, results);
  else
    for (const auto& run : results.episodes) write_posterior(archive, run);
  archive.close();
}

}  // namespace invert
