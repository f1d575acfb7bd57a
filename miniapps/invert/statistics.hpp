/// Of numbers that follow each other in a Markov chain.
#pragma once

#include <span>
#include <vector>

namespace invert {

double mean_of(std::span<const double> values);
/// From n - 1.
double deviation_of(std::span<const double> values);

/// The score of a normal distribution that is as unlikely as this one of Student's distribution,
/// with the same sign: what scores with few degrees of freedom are compared as. `freedom` is
/// positive; need not be whole.
double normal_score(double student, double freedom);

/// Autocorrelations from lag 0 to `lags`; zeros where the values are all the same.
std::vector<double> autocorrelation(std::span<const double> values, std::size_t lags);

/// Values over their integrated autocorrelation time, by Geyer's initial monotone sequence
/// (Statistical Science 7, 1992): at most as many as there are values. 0 for fewer than four, and
/// where all are the same.
double effective_samples(std::span<const double> values);

/// Of several chains of the same length together (Vehtari et al., Bayesian Analysis 16, 2021,
/// without ranks): as far as chains disagree, they count as correlated. 0 where there are fewer
/// than four values in a chain, or nothing moves.
double effective_samples(const std::vector<std::vector<double>>& chains);

}  // namespace invert
