#include "couplers/closure/domain.hpp"

#include "support/typed.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace cardan::closure {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t landmark_count = 256;
constexpr std::int64_t projected = 16;

std::size_t index(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

/// Calls `work(number, column)` for all numbers of a sample.
template <class Work>
void for_each_number(const Features& features, const Batch& batch, std::int64_t sample, Work&& work)
{
  std::size_t j = 0;
  for (std::size_t f = 0; f < features.size(); ++f)
    with_type(features[f].dtype, [&](auto* type) {
      const std::int64_t numbers = features[f].numbers();
      const auto* row =
          reinterpret_cast<const typed<decltype(type)>*>(batch.columns[f]) + sample * numbers;
      for (std::int64_t i = 0; i < numbers; ++i) work(static_cast<double>(row[i]), j++);
    });
}

}  // namespace

Domain::Domain(const TrustSettings& settings, const Features& inputs)
    : settings_(settings),
      inputs_(inputs),
      width_(numbers_of(inputs)),
      dimension_(std::min(width_, projected)),
      maxima_(index(2 * width_), -infinity)
{
  if (!wants_landmarks()) return;
  landmarks_.assign(index(landmark_count * dimension_), std::nan(""));
  if (dimension_ == width_) return;
  // The same directions on all ranks.
  std::mt19937_64 random{20};
  std::normal_distribution<double> normal{0, 1 / std::sqrt(static_cast<double>(dimension_))};
  projection_.resize(index(dimension_ * width_));
  for (auto& number : projection_) number = normal(random);
}

void Domain::see(const Batch& inputs)
{
  const auto width = index(width_);
  for (std::int64_t r = 0; r < inputs.count; ++r)
    for_each_number(inputs_, inputs, r, [&](double number, std::size_t j) {
      maxima_[j] = std::max(maxima_[j], -number);
      maxima_[width + j] = std::max(maxima_[width + j], number);
    });
}

std::vector<double> Domain::range() const
{
  return maxima_;
}

void Domain::join(const std::vector<double>& maxima)
{
  maxima_ = maxima;
}

void Domain::place(const Batch& inputs, std::int64_t sample, double* point) const
{
  const auto width = index(width_);
  std::fill_n(point, dimension_, 0.0);
  for_each_number(inputs_, inputs, sample, [&](double number, std::size_t j) {
    const double low = -maxima_[j];
    const double extent = maxima_[width + j] - low;
    const double unit = extent > 0 ? (number - low) / extent : number - low;
    if (projection_.empty()) {
      point[j] = unit;
      return;
    }
    for (std::int64_t d = 0; d < dimension_; ++d)
      point[d] += unit * projection_[index(d) * width + j];
  });
}

// A rank's own share of the places, the others' zero: the sum over ranks has all of them. A place
// that no rank has a sample for is marked by the first rank as not a number.
std::vector<double> Domain::landmarks(const Batch& inputs, int rank, int ranks) const
{
  std::vector<double> points(landmarks_.size(), 0.0);
  const std::int64_t first = landmark_count * rank / ranks;
  const std::int64_t last = landmark_count * (rank + 1) / ranks;
  for (std::int64_t l = first; l < last; ++l) {
    double* point = points.data() + l * dimension_;
    if (l - first < inputs.count)
      place(inputs, l - first, point);
    else
      std::fill_n(point, dimension_, std::nan(""));
  }
  return points;
}

void Domain::distances(const Batch& inputs, double* distances) const
{
  std::vector<double> point(index(dimension_));
  for (std::int64_t r = 0; r < inputs.count; ++r) {
    place(inputs, r, point.data());
    double nearest = infinity;
    for (std::int64_t l = 0; l < landmark_count; ++l) {
      const double* landmark = landmarks_.data() + l * dimension_;
      double square = 0;
      for (std::int64_t d = 0; d < dimension_; ++d)
        square += (point[index(d)] - landmark[d]) * (point[index(d)] - landmark[d]);
      if (square < nearest) nearest = square;
    }
    distances[r] = std::sqrt(nearest);
  }
}

double Domain::calibrate(const Batch& inputs) const
{
  if (!wants_landmarks() || inputs.count == 0) return 0;
  std::vector<double> all(index(inputs.count));
  distances(inputs, all.data());
  const auto place =
      std::min(all.size() - 1,
               static_cast<std::size_t>(settings_.novelty * static_cast<double>(all.size())));
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(place), all.end());
  return all[place];
}

void Domain::judge(const Batch& inputs, std::uint8_t* inside) const
{
  const auto width = index(width_);
  for (std::int64_t r = 0; r < inputs.count; ++r) {
    bool within = true;
    for_each_number(inputs_, inputs, r, [&](double number, std::size_t j) {
      within = within && number >= -maxima_[j] && number <= maxima_[width + j];
    });
    inside[r] = within ? 1 : 0;
  }
  if (!wants_landmarks()) return;
  std::vector<double> all(index(inputs.count));
  distances(inputs, all.data());
  for (std::int64_t r = 0; r < inputs.count; ++r)
    if (!(all[index(r)] <= reach_)) inside[r] = 0;
}

std::size_t Domain::numbers() const
{
  return maxima_.size() + landmarks_.size() + 1;
}

void Domain::write(double* to) const
{
  to = std::copy(maxima_.begin(), maxima_.end(), to);
  to = std::copy(landmarks_.begin(), landmarks_.end(), to);
  *to = reach_;
}

void Domain::read(const double* from)
{
  std::copy_n(from, maxima_.size(), maxima_.begin());
  std::copy_n(from + maxima_.size(), landmarks_.size(), landmarks_.begin());
  reach_ = from[maxima_.size() + landmarks_.size()];
}

}  // namespace cardan::closure
