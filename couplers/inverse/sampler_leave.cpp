// What chains leave behind: `inverse-NAME.h5`.

#include "couplers/inverse/sampler.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

namespace cardan::inverse {

// samples: chains x steps x parameters, thinned; all chains have as many steps.
void Sampler::leave(const std::string& path) const
{
  Archive archive{MPI_COMM_SELF, path, Archive::Mode::create};
  const auto n = static_cast<std::int64_t>(measure_.parameters());
  std::vector<double> thetas;
  std::vector<double> log_likelihoods;
  std::vector<double> log_priors;
  std::vector<std::int64_t> steps;
  std::int64_t kept = -1;
  for (const Chain& chain : chains_) {
    const auto of_chain = samples(chain.number);
    const auto count = static_cast<std::int64_t>(of_chain.size());
    kept = kept < 0 ? count : std::min(kept, count);
  }
  for (const Chain& chain : chains_) {
    const auto of_chain = samples(chain.number);
    for (std::size_t i = 0; i < static_cast<std::size_t>(kept); ++i) {
      thetas.insert(thetas.end(), of_chain[i].theta.begin(), of_chain[i].theta.end());
      log_likelihoods.push_back(of_chain[i].log_likelihood);
      log_priors.push_back(of_chain[i].log_prior);
      if (&chain == &chains_.front()) steps.push_back(of_chain[i].step);
    }
  }
  archive.attribute("/", "inverse", settings_.name);
  archive.attribute("/", "chains", static_cast<std::int64_t>(chains_.size()));
  archive.attribute("/", "solves", counts_.solves);
  archive.attribute("/", "solves_before", counts_.solves_before);
  archive.attribute("/", "decisions_left_out", decisions_.left_out);
  if (kept > 0) {
    const auto chains = static_cast<std::int64_t>(chains_.size());
    const Extents cube{chains, kept, n};
    const Extents square{chains, kept};
    archive.write("samples/theta", Field{thetas.data(), cube}.in({cube, {0, 0, 0}, cube}));
    archive.write("samples/log_likelihood",
                  Field{log_likelihoods.data(), square}.in({square, {0, 0}, square}));
    archive.write("samples/log_prior",
                  Field{log_priors.data(), square}.in({square, {0, 0}, square}));
    archive.series("samples/step", steps);
  }
  archive.series("decisions/chain", decisions_.chain);
  archive.series("decisions/step", decisions_.step);
  archive.series("decisions/version", decisions_.version);
  archive.series("decisions/age", decisions_.age);
  archive.series("decisions/accepted", decisions_.accepted);
  const InverseReport all = report();
  archive.series("first_stage", std::vector<std::int64_t>{all.proposed, all.passed});
  archive.series("second_stage", std::vector<std::int64_t>{all.decided, all.accepted});
  archive.series("mean", all.mean);
  archive.series("deviation", all.deviation);
  archive.series("effective", all.effective);
  archive.series("reduction", all.reduction);
  archive.close();
}

}  // namespace cardan::inverse
