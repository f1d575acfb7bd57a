#include "couplers/reduction/packing.hpp"

#include "couplers/reduction/quantise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cardan::reduction {

namespace {

/// A hair less than twice the bound: a reconstruction that is rounded keeps it.
constexpr double hair = 1.0 / 1024;
/// Numbers that go through a transform together stay in a cache.
constexpr std::int64_t chunk_numbers = 4096;
/// Packs between two looks at what is best.
constexpr int plan_life = 16;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

}  // namespace

Packer::Implementation::Implementation(const ReductionField& field,
                                       const std::vector<std::int64_t>& edges,
                                       const CodecSettings& codec)
    : blocking(field, edges),
      floats(field.dtype == Dtype::float32),
      settings(codec),
      entropy(codec.level),
      shown(at(blocking.field_numbers()))
{
  const std::int64_t together = std::max<std::int64_t>(1, chunk_numbers / blocking.numbers());
  x.resize(at(together * blocking.numbers()));
  foretold.resize(x.size());
  back.resize(x.size());
}

void Packer::Implementation::make_plan(const double* values, double eps, const Transform& transform)
{
  const bool all = all_sent();
  if (planned.transform == &transform && planned.latent == transform.latent() &&
      planned.eps == eps && planned.all == all && planned.age < plan_life) {
    ++planned.age;
    return;
  }
  planned = {
      choose_plan({blocking, transform, values, blocks, frame.step, eps, settings.fall_back}),
      &transform,
      transform.latent(),
      eps,
      all,
      0};
}

void Packer::Implementation::quantised(const double* values, double eps, const Transform& transform,
                                       Packed& packed)
{
  frame = {};
  frame.sent = static_cast<std::int64_t>(blocks.size());
  frame.step = 2 * eps * (1 - hair);
  places.clear();
  bits.clear();
  worst = 0;
  if (frame.sent > 0) make_plan(values, eps, transform);
  const Plan& plan = planned.plan;
  frame.transformed = frame.sent > 0 && plan.transformed;
  frame.order = plan.order;
  frame.latent_step = plan.latent_step;
  frame.whole = all_sent() && !frame.transformed;
  q.resize(at(frame.numbers(blocking)));
  if (frame.whole)
    quantise_whole(values, eps);
  else
    quantise_blocks(values, eps, frame.transformed ? &transform : nullptr);

  out.clear();
  Writer to(out);
  frame.write(to);
  write_bitmap(to);
  if (frame.transformed) packed.latent_bytes = write_latents(transform, to);
  packed.residual_bytes = write_numbers(to);
  write_exceptions(to);
}

void Packer::Implementation::quantise_whole(const double* values, double eps)
{
  const std::int64_t count = blocking.field_numbers();
  const Quantised done = quantise(values, nullptr, count, frame.step, eps, q.data(), shown.data());
  worst = std::max(worst, done.max_error);
  if (done.missed > 0) find_missed(values, count, 0, eps, shown.data());
}

void Packer::Implementation::quantise_blocks(const double* values, double eps,
                                             const Transform* transform)
{
  const std::int64_t numbers = blocking.numbers();
  const std::int64_t latent = transform != nullptr ? transform->latent() : 0;
  const std::int64_t together = static_cast<std::int64_t>(x.size()) / numbers;
  const std::vector<double> steps =
      transform != nullptr ? latent_steps(*transform, frame.latent_step) : std::vector<double>{};
  latents.resize(at(together * latent));
  latent_q.resize(at(frame.sent * latent));
  for (std::int64_t first = 0; first < frame.sent; first += together) {
    const std::int64_t some = std::min(together, frame.sent - first);
    for (std::int64_t b = 0; b < some; ++b)
      blocking.cut(values, blocks[at(first + b)], x.data() + b * numbers);
    if (transform != nullptr) {
      transform->encode(readable(x.data(), some * numbers, changed), some, latents.data());
      round_latents(latents.data(), some, steps, latent_q.data() + first, frame.sent);
      transform->decode(latents.data(), some, foretold.data());
    }
    const Quantised done =
        quantise(x.data(), transform != nullptr ? foretold.data() : nullptr, some * numbers,
                 frame.step, eps, q.data() + first * numbers, back.data());
    worst = std::max(worst, done.max_error);
    if (done.missed > 0) find_missed(x.data(), some * numbers, first * numbers, eps, back.data());
    for (std::int64_t b = 0; b < some; ++b)
      blocking.join(back.data() + b * numbers, blocks[at(first + b)], shown.data());
  }
}

void Packer::Implementation::find_missed(const double* numbers, std::int64_t count,
                                         std::int64_t first, double eps, double* reconstructed)
{
  for (std::int64_t i = 0; i < count; ++i) {
    if (const double error = std::abs(numbers[i] - reconstructed[i]); error <= eps) {
      worst = std::max(worst, error);
      continue;
    }
    places.push_back(first + i);
    bits.push_back(std::bit_cast<std::int64_t>(numbers[i]));
    reconstructed[i] = numbers[i];
  }
}

void Packer::Implementation::write_bitmap(Writer& to)
{
  if (all_sent()) return;
  piece.assign(at((blocking.count() + 7) / 8), std::byte{0});
  for (const std::int64_t b : blocks)
    piece[at(b / 8)] |= std::byte{static_cast<unsigned char>(1U << (b % 8))};
  write_piece(piece, entropy, to);
}

// A latent number's neighbours are those of the blocks around; whether they foretell it is tried.
std::size_t Packer::Implementation::write_latents(const Transform& transform, Writer& to)
{
  piece.clear();
  Writer latent_writer(piece);
  const Slabs grid = all_sent() ? slabs_of_blocks(blocking) : Slabs{1, {1, 1, frame.sent}, 0};
  for (std::int64_t k = 0; k < transform.latent(); ++k) {
    std::int64_t* const numbers = latent_q.data() + k * frame.sent;
    trial.assign(numbers, numbers + frame.sent);
    difference(trial.data(), grid, 1);
    const bool better = bits_of(trial.data(), frame.sent) < bits_of(numbers, frame.sent);
    latent_writer.put(static_cast<std::uint8_t>(better ? 1 : 0));
    integers.write(better ? trial.data() : numbers, frame.sent, latent_writer);
  }
  return write_piece(piece, entropy, to);
}

std::size_t Packer::Implementation::write_numbers(Writer& to)
{
  difference(q.data(), frame.slabs(blocking), frame.order);
  piece.clear();
  Writer numbers_writer(piece);
  integers.write(q.data(), frame.numbers(blocking), numbers_writer);
  return write_piece(piece, entropy, to);
}

void Packer::Implementation::write_exceptions(Writer& to)
{
  to.count(static_cast<std::int64_t>(places.size()));
  if (places.empty()) return;
  piece.clear();
  Writer exceptions_writer(piece);
  trial = places;
  const auto count = static_cast<std::int64_t>(places.size());
  difference(trial.data(), {1, {1, 1, count}, 0}, 1);
  integers.write(trial.data(), count, exceptions_writer);
  integers.write(bits.data(), count, exceptions_writer);
  write_piece(piece, entropy, to);
}

void Packer::Implementation::lossless(const double* values)
{
  frame = {};
  frame.mode = Mode::lossless;
  frame.sent = static_cast<std::int64_t>(blocks.size());
  frame.whole = all_sent();
  frame.floats = floats && all_floats(values, blocking.field_numbers());
  const std::int64_t count = frame.numbers(blocking);
  const std::int64_t numbers = blocking.numbers();
  q.resize(at(count));
  if (frame.whole) {
    ordered(values, count, frame.floats, q.data());
  } else {
    for (std::int64_t b = 0; b < frame.sent; ++b) {
      blocking.cut(values, blocks[at(b)], x.data());
      ordered(x.data(), numbers, frame.floats, q.data() + b * numbers);
    }
  }
  double least = bits_of(q.data(), count);
  for (int order = 1; order <= 2; ++order) {
    trial = q;
    difference(trial.data(), frame.slabs(blocking), order);
    if (const double needed = bits_of(trial.data(), count); needed < least) {
      least = needed;
      frame.order = order;
    }
  }
  out.clear();
  Writer to(out);
  frame.write(to);
  write_bitmap(to);
  write_numbers(to);
}

void Packer::Implementation::raw(const double* values)
{
  frame = {};
  frame.mode = Mode::raw;
  frame.sent = static_cast<std::int64_t>(blocks.size());
  frame.floats = floats && all_floats(values, blocking.field_numbers());
  out.clear();
  Writer to(out);
  frame.write(to);
  write_bitmap(to);
  for (const std::int64_t block : blocks) {
    blocking.cut(values, block, x.data());
    for (std::int64_t i = 0; i < blocking.numbers(); ++i)
      if (frame.floats)
        to.put(static_cast<float>(x[at(i)]));
      else
        to.put(x[at(i)]);
  }
}

void Packer::Implementation::show(const double* values)
{
  worst = 0;
  for (const std::int64_t block : blocks) {
    blocking.cut(values, block, x.data());
    blocking.join(x.data(), block, shown.data());
  }
}

}  // namespace cardan::reduction
