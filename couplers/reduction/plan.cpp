#include "couplers/reduction/plan.hpp"

#include "couplers/reduction/frame.hpp"
#include "couplers/reduction/integers.hpp"
#include "couplers/reduction/quantise.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {

/// Numbers to look at, at most; but one block at least.
constexpr std::int64_t sample_numbers = 4096;
constexpr double beyond = 1e100;
constexpr int orders = 3;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

/// The sample, and what both candidates need.
struct Sample {
  std::int64_t blocks;
  std::int64_t numbers;
  std::vector<double> x;
  std::vector<double> back;
  std::vector<std::int64_t> q;
  std::vector<std::int64_t> differences;
};

Sample take_sample(const PlanQuestion& question)
{
  const Blocking& blocking = question.blocking;
  const auto sent = static_cast<std::int64_t>(question.blocks.size());
  Sample sample;
  sample.blocks = std::clamp<std::int64_t>(sample_numbers / blocking.numbers(), 1, sent);
  sample.numbers = sample.blocks * blocking.numbers();
  sample.x.resize(at(sample.numbers));
  sample.back.resize(at(sample.numbers));
  sample.q.resize(at(sample.numbers));
  for (std::int64_t b = 0; b < sample.blocks; ++b)
    blocking.cut(question.values, question.blocks[at(b * sent / sample.blocks)],
                 sample.x.data() + b * blocking.numbers());
  std::vector<double> changed;
  const double* const readable_ones = readable(sample.x.data(), sample.numbers, changed);
  if (readable_ones != sample.x.data()) sample.x = changed;
  return sample;
}

/// The order of differences that takes fewest bits. Where the whole field is sent, neighbours are
/// there beyond a block's edge: the numbers that have them in the block speak for all.
double best_order(Sample& sample, const Blocking& blocking, bool whole, int& best)
{
  double least = -1;
  for (int order = 0; order < orders; ++order) {
    sample.differences = sample.q;
    const Slabs slabs{sample.blocks * blocking.components(), blocking.edges(), 0};
    difference(sample.differences.data(), slabs, order);
    std::int64_t count = sample.numbers;
    if (whole && order > 0) {
      const auto [nz, ny, nx] = slabs.extents;
      count = 0;
      for (std::int64_t i = 0; i < sample.numbers; ++i)
        if ((nx <= order || i % nx >= order) && (ny <= order || i / nx % ny >= order) &&
            (nz <= order || i / (nx * ny) % nz >= order))
          sample.differences[at(count++)] = sample.differences[at(i)];
    }
    const double bits = bits_of(sample.differences.data(), count) *
                        static_cast<double>(sample.numbers) / static_cast<double>(count);
    if (least >= 0 && bits >= least) continue;
    least = bits;
    best = order;
  }
  return least;
}

/// Bits of a latent number with this deviation in units of its step, as a normal one has them.
double bits_of_normal(double deviation)
{
  return std::max(0.1, std::log2(std::max(1e-9, deviation * 4.13)));
}

double latent_bits(const std::vector<std::int64_t>& q, std::int64_t latents, std::int64_t blocks)
{
  double bits = 0;
  for (std::int64_t k = 0; k < latents; ++k) {
    double sum = 0;
    double squares = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const auto z = static_cast<double>(q[at(k * blocks + b)]);
      sum += z;
      squares += z * z;
    }
    const double mean = sum / static_cast<double>(blocks);
    const double variance = std::max(0.0, squares / static_cast<double>(blocks) - mean * mean);
    bits += bits_of_normal(std::sqrt(variance)) * static_cast<double>(blocks);
  }
  return bits;
}

}  // namespace

const double* readable(const double* numbers, std::int64_t count, std::vector<double>& memory)
{
  bool fine = true;
  for (std::int64_t i = 0; i < count; ++i) fine &= std::abs(numbers[i]) < beyond;
  if (fine) return numbers;
  memory.assign(numbers, numbers + count);
  for (double& x : memory)
    if (!(std::abs(x) < beyond)) x = 0;
  return memory.data();
}

// The latents' rounding adds to what they leave: a step about as coarse as that (or the bound,
// where they leave less) is tried, and finer ones.
Plan choose_plan(const PlanQuestion& question)
{
  const auto& [blocking, transform, values, blocks, step, eps, fall_back] = question;
  Sample sample = take_sample(question);
  const bool whole = static_cast<std::int64_t>(blocks.size()) == blocking.count();
  const std::int64_t latent = transform.latent();
  Plan plan;
  double least = -1;
  if (latent == 0 || fall_back) {
    quantise(sample.x.data(), nullptr, sample.numbers, step, eps, sample.q.data(),
             sample.back.data());
    least = best_order(sample, blocking, whole, plan.order);
  }
  if (latent == 0) return plan;

  std::vector<double> latents(at(sample.blocks * latent));
  std::vector<double> foretold(at(sample.numbers));
  transform.encode(sample.x.data(), sample.blocks, latents.data());
  transform.decode(latents.data(), sample.blocks, foretold.data());
  double squares = 0;
  for (std::int64_t i = 0; i < sample.numbers; ++i) {
    const double d = sample.x[at(i)] - foretold[at(i)];
    squares += d * d;
  }
  const double left = std::sqrt(squares / static_cast<double>(sample.numbers));
  const double coarse = std::max(step, std::isfinite(left) && left < beyond ? left : 0.0) /
                        std::sqrt(static_cast<double>(latent));
  std::vector<double> rounded(latents.size());
  std::vector<std::int64_t> q(latents.size());
  for (const double share : {2.0, 1.0, 0.5, 0.25}) {
    rounded = latents;
    round_latents(rounded.data(), sample.blocks, latent_steps(transform, coarse * share), q.data(),
                  sample.blocks);
    transform.decode(rounded.data(), sample.blocks, foretold.data());
    quantise(sample.x.data(), foretold.data(), sample.numbers, step, eps, sample.q.data(),
             sample.back.data());
    int order = 0;
    const double bits =
        latent_bits(q, latent, sample.blocks) + best_order(sample, blocking, false, order);
    if (least >= 0 && bits >= least) continue;
    least = bits;
    plan = {true, order, coarse * share};
  }
  return plan;
}

}  // namespace cardan::reduction
