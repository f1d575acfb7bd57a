#include "mlp/normalisation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::mlp {

namespace {
std::size_t index(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

/// From count, sums and sums of squares. Rounding leaves a variance of about 1e-16 of the mean
/// square on a constant feature: what is below that is no information.
Scale scale_of(const double* sums, const double* squares, std::int64_t features, double count)
{
  Scale scale;
  for (std::int64_t i = 0; i < features; ++i) {
    const double mean = count > 0 ? sums[i] / count : 0;
    const double square = count > 0 ? squares[i] / count : 0;
    const double variance = square - mean * mean;
    scale.mean.push_back(mean);
    scale.deviation.push_back(variance > 1e-14 * square ? std::sqrt(variance) : 1.0);
  }
  return scale;
}
}  // namespace

bool Scale::far_from(const Scale& other) const
{
  for (std::size_t i = 0; i < mean.size(); ++i) {
    if (std::abs(mean[i] - other.mean[i]) > 0.05 * std::min(deviation[i], other.deviation[i]))
      return true;
    if (std::abs(std::log(deviation[i] / other.deviation[i])) > 0.05) return true;
  }
  return false;
}

Normalisation::Normalisation(Signature signature)
    : input{std::vector<double>(index(signature.inputs), 0),
            std::vector<double>(index(signature.inputs), 1)},
      output{std::vector<double>(index(signature.outputs), 0),
             std::vector<double>(index(signature.outputs), 1)},
      low(index(signature.inputs), std::numeric_limits<double>::infinity()),
      high(index(signature.inputs), -std::numeric_limits<double>::infinity())
{}

bool Normalisation::inside(const double* input_row) const
{
  for (std::size_t i = 0; i < low.size(); ++i)
    if (!(input_row[i] >= low[i] && input_row[i] <= high[i])) return false;
  return true;
}

std::size_t Normalisation::numbers() const
{
  return 4 * input.mean.size() + 2 * output.mean.size();
}

void Normalisation::write(double* to) const
{
  for (const auto* list :
       {&input.mean, &input.deviation, &low, &high, &output.mean, &output.deviation})
    to = std::copy(list->begin(), list->end(), to);
}

void Normalisation::read(const double* from)
{
  for (auto* list : {&input.mean, &input.deviation, &low, &high, &output.mean, &output.deviation}) {
    std::copy_n(from, list->size(), list->begin());
    from += list->size();
  }
}

Statistics::Statistics(Signature signature, Head head) : signature_(signature), head_(head)
{
  tally_.sums.assign(index(1 + 2 * signature.inputs + 2 * signature.outputs), 0);
  tally_.maxima.assign(index(2 * signature.inputs), -std::numeric_limits<double>::infinity());
}

void Statistics::see(Rows inputs, Rows targets)
{
  double* count = tally_.sums.data();
  double* x = count + 1;
  double* xx = x + signature_.inputs;
  double* y = xx + signature_.inputs;
  double* yy = y + signature_.outputs;
  double* low = tally_.maxima.data();
  double* high = low + signature_.inputs;
  for (std::int64_t r = 0; r < inputs.count; ++r) {
    const double* in = inputs.data + r * inputs.width;
    const double* out = targets.data + r * targets.width;
    *count += 1;
    for (std::int64_t i = 0; i < signature_.inputs; ++i) {
      x[i] += in[i];
      xx[i] += in[i] * in[i];
      low[i] = std::max(low[i], -in[i]);
      high[i] = std::max(high[i], in[i]);
    }
    for (std::int64_t j = 0; j < signature_.outputs; ++j) {
      const double value = head_ == Head::plain ? out[j] : out[j] - in[j];
      y[j] += value;
      yy[j] += value * value;
    }
  }
}

Normalisation Statistics::normalisation(const Tally& joined) const
{
  const double* x = joined.sums.data() + 1;
  const double* xx = x + signature_.inputs;
  const double* y = xx + signature_.inputs;
  const double* yy = y + signature_.outputs;
  Normalisation normalisation{signature_};
  normalisation.input = scale_of(x, xx, signature_.inputs, joined.sums[0]);
  normalisation.output = scale_of(y, yy, signature_.outputs, joined.sums[0]);
  for (std::int64_t i = 0; i < signature_.inputs; ++i) {
    normalisation.low[index(i)] = -joined.maxima[index(i)];
    normalisation.high[index(i)] = joined.maxima[index(signature_.inputs + i)];
  }
  return normalisation;
}

}  // namespace cardan::mlp
