/// The rule by which an exact solve decides over what a surrogate proposed.
#pragma once

namespace cardan::inverse {

/// Logarithms of the likelihood at a point: the exact one, and the surrogate's.
struct Likelihoods {
  double exact = 0;
  double surrogate = 0;
};

/// Logarithm of the probability to accept, as far as it is below zero, of a proposal that any
/// number of steps made which are reversible with respect to prior times the surrogate's
/// likelihood: their densities are in this ratio both ways, and the prior falls out (Christen and
/// Fox 2005, section 2; Lykkegaard et al. 2023, section 2.2). The surrogate must be the same at
/// both points.
inline double delayed_log_ratio(const Likelihoods& from, const Likelihoods& to)
{
  return (to.exact - from.exact) - (to.surrogate - from.surrogate);
}

}  // namespace cardan::inverse
