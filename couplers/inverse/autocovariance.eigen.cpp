#include "couplers/inverse/autocovariance.hpp"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <bit>
#include <complex>
#include <cstddef>

namespace cardan::inverse {

// Wiener and Khinchin; with zeros behind the numbers nothing comes round from the end.
std::vector<double> autocovariances(std::span<const double> centred)
{
  std::vector<double> padded(2 * std::bit_ceil(centred.size()), 0.0);
  std::copy(centred.begin(), centred.end(), padded.begin());
  Eigen::FFT<double> transform;
  std::vector<std::complex<double>> spectrum;
  transform.fwd(spectrum, padded);
  for (auto& each : spectrum) each = std::norm(each);
  transform.inv(padded, spectrum);
  padded.resize(centred.size());
  for (double& each : padded) each /= static_cast<double>(centred.size());
  return padded;
}

}  // namespace cardan::inverse
