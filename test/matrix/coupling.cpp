#include "coupling.hpp"

#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

using cardan::Box;
using cardan::Dtype;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;

namespace matrix {

namespace {

/// The most that a producer puts into a batch.
constexpr std::int64_t most_samples = 40;

void expect(bool right, const char* what, std::int64_t step)
{
  if (!right) throw WrongData("wrong " + std::string(what) + " in step " + std::to_string(step));
}

/// Part `i` of `parts` of an array, cut along one dimension.
Box slab(const Extents& global, int dimension, int parts, int i)
{
  Box box{global, Extents::filled(global.rank(), 0), global};
  const std::int64_t length = global[dimension];
  box.offset[dimension] = length * i / parts;
  box.count[dimension] = length * (i + 1) / parts - box.offset[dimension];
  return box;
}

/// Different for every element of every step.
double value_at(const Box& box, std::int64_t step, std::int64_t i, std::int64_t j)
{
  const std::int64_t place = (box.offset[0] + i) * box.global[1] + box.offset[1] + j;
  return static_cast<double>(step * 1000003 + place) * 0.5;
}

void fill(const Field& field, const Box& box, std::int64_t step)
{
  auto* data = static_cast<double*>(field.writable());
  for (std::int64_t i = 0; i < box.count[0]; ++i)
    for (std::int64_t j = 0; j < box.count[1]; ++j)
      data[i * field.strides()[0] + j * field.strides()[1]] = value_at(box, step, i, j);
}

void check(const Field& field, const Box& box, std::int64_t step)
{
  expect(field.shape() == box.count, "shape of a box", step);
  const auto* data = static_cast<const double*>(field.data());
  bool right = true;
  for (std::int64_t i = 0; i < box.count[0]; ++i)
    for (std::int64_t j = 0; j < box.count[1]; ++j)
      right &= data[i * field.strides()[0] + j * field.strides()[1]] == value_at(box, step, i, j);
  expect(right, "element of a box", step);
}

std::vector<FieldSpec> boxed(bool takes_part, Dtype dtype, const Box& box)
{
  if (!takes_part) return {};
  return {{"u", dtype, box.count, box}};
}

std::vector<FieldSpec> batch(bool takes_part, std::int64_t samples)
{
  if (!takes_part) return {};
  return {{"x", Dtype::float32, {samples, 3}, {}}, {"key", Dtype::int64, {samples}, {}}};
}

cardan::ChannelOptions named(const char* name, cardan::TransportKind kind)
{
  cardan::ChannelOptions options;
  options.name = name;
  options.deadline = 20;
  options.transport = kind;
  return options;
}

/// A square array of about as many bytes as asked for, and no smaller than the ranks need.
Extents array_of(const Options& options, const Ranks& ranks)
{
  const double elements = static_cast<double>(options.bytes) / sizeof(double);
  const auto side = static_cast<std::int64_t>(std::sqrt(elements));
  return Extents::filled(2, std::max<std::int64_t>(side, ranks.size));
}

/// Eight bytes for every pair of a producer and a consumer.
Extents questions_of(const Ranks& ranks)
{
  return {std::int64_t{ranks.producers} * ranks.consumers()};
}

/// This rank's part as a producer, or that of the last one where it is none.
Box produced(const Extents& global, const Ranks& ranks)
{
  return slab(global, 0, ranks.producers, std::min(ranks.rank, ranks.producers - 1));
}

Box consumed(const Extents& global, int dimension, const Ranks& ranks)
{
  return slab(global, dimension, ranks.consumers(), std::max(ranks.rank - ranks.producers, 0));
}

}  // namespace

Coupling::Coupling(const Options& options, const Ranks& ranks)
    : options_(options),
      ranks_(ranks),
      rows_(produced(array_of(options, ranks), ranks)),
      columns_(consumed(array_of(options, ranks), 1, ranks)),
      asked_(produced(questions_of(ranks), ranks)),
      answered_(consumed(questions_of(ranks), 0, ranks)),
      boxes_(MPI_COMM_WORLD, named("boxes", options.kind),
             boxed(ranks.produces(), Dtype::float64, rows_),
             boxed(ranks.consumes(), Dtype::float64, columns_)),
      batches_(MPI_COMM_WORLD, named("batches", options.kind),
               batch(ranks.produces(), most_samples), batch(ranks.consumes(), 0)),
      questions_(MPI_COMM_WORLD, named("questions", options.kind),
                 boxed(ranks.produces(), Dtype::int64, asked_),
                 boxed(ranks.consumes(), Dtype::int64, answered_)),
      replies_(MPI_COMM_WORLD, named("replies", options.kind),
               boxed(ranks.consumes(), Dtype::int64, answered_),
               boxed(ranks.produces(), Dtype::int64, asked_))
{}

void Coupling::send_boxes()
{
  // The interior of an array in column-major order with a margin of one cell.
  const Extents padded{rows_.count[0] + 2, rows_.count[1] + 2};
  const Extents strides = cardan::column_major(padded);
  std::vector<double> memory(static_cast<std::size_t>(padded.product()), -1);
  const Field interior{memory.data() + strides[0] + strides[1], rows_.count, strides};
  for (std::int64_t step = 0; step < options_.steps; ++step) {
    if (ranks_.produces() && step % 2 == 0) {
      fill(interior, rows_, step);
      boxes_.put(step, {{"u", interior.in(rows_)}});
    } else if (ranks_.produces()) {
      auto claim = boxes_.claim(step);
      expect(claim.has_value(), "claim", step);
      fill(claim->field("u"), rows_, step);
      claim->publish();
    }
    if (ranks_.consumes()) {
      const auto arrival = boxes_.peek();
      expect(arrival.has_value() && arrival->step() == step, "number of a box", step);
      check(arrival->field("u"), columns_, step);
    }
  }
  if (ranks_.produces()) boxes_.close();
  if (ranks_.consumes()) expect(!boxes_.peek().has_value(), "end of the boxes", options_.steps);
}

void Coupling::send_batches()
{
  std::int64_t put = 0;
  std::int64_t taken = 0;
  for (std::int64_t step = 0; ranks_.produces() && step < options_.steps; ++step)
    put += put_batch(step);
  if (ranks_.produces()) batches_.close();
  while (ranks_.consumes() && take_batch(taken)) continue;
  std::int64_t mine[2]{put, taken};
  std::int64_t all[2]{0, 0};
  MPI_Allreduce(mine, all, 2, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  expect(all[0] == all[1], "sum of the samples", options_.steps);
}

void Coupling::ask_and_answer()
{
  const auto words = [](const Box& box) { return static_cast<std::size_t>(box.count[0]); };
  std::vector<std::int64_t> asks(words(asked_));
  std::vector<std::int64_t> answers(words(asked_));
  std::vector<std::int64_t> replies(words(answered_));
  for (std::int64_t step = 0; step < options_.steps; ++step) {
    if (ranks_.produces()) {
      for (std::size_t i = 0; i < asks.size(); ++i)
        asks[i] = step * 1000 + asked_.offset[0] + static_cast<std::int64_t>(i);
      questions_.put(step, {{"u", Field{asks}}});
    }
    if (ranks_.consumes()) {
      const auto got = questions_.take({{"u", Field{replies}}});
      expect(got == step, "number of a question", step);
      for (std::int64_t& reply : replies) reply = 2 * reply + 1;
      replies_.put(step, {{"u", Field{replies}}});
    }
    if (ranks_.produces()) {
      const auto got = replies_.take({{"u", Field{answers}}});
      expect(got == step, "number of a reply", step);
      bool right = true;
      for (std::size_t i = 0; i < asks.size(); ++i) right &= answers[i] == 2 * asks[i] + 1;
      expect(right, "reply", step);
    }
  }
}

/// A sample's key says its producer, its step and its number; its values follow from the key.
void Coupling::fill_batch(float* x, std::int64_t* key, std::int64_t step,
                          std::int64_t samples) const
{
  for (std::int64_t i = 0; i < samples; ++i) {
    key[i] = (ranks_.rank * options_.steps + step) * most_samples + i;
    for (std::int64_t c = 0; c < 3; ++c) x[3 * i + c] = static_cast<float>(key[i] % 100000 + c);
  }
}

/// From none to all of the samples declared, by either way of sending; how many.
std::int64_t Coupling::put_batch(std::int64_t step)
{
  const std::int64_t samples = (step * 7 + ranks_.rank) % (most_samples + 1);
  if (step % 2 == 1) {
    auto claim = batches_.claim(step);
    expect(claim.has_value(), "claim", step);
    fill_batch(claim->span<float>("x").data(), claim->span<std::int64_t>("key").data(), step,
               samples);
    claim->publish(samples);
    return samples;
  }
  std::vector<float> x(static_cast<std::size_t>(3 * samples));
  std::vector<std::int64_t> key(static_cast<std::size_t>(samples));
  fill_batch(x.data(), key.data(), step, samples);
  batches_.put(step, {{"x", Field{x, {samples, 3}}}, {"key", Field{key}}});
  return samples;
}

/// The next batch of any producer, added to `taken`; false at the end.
bool Coupling::take_batch(std::int64_t& taken)
{
  const auto arrival = batches_.peek();
  if (!arrival) return false;
  const Field x = arrival->field("x");
  const Field key = arrival->field("key");
  expect(x.samples() == key.samples(), "number of samples", arrival->step());
  const auto* keys = static_cast<const std::int64_t*>(key.data());
  const auto* values = static_cast<const float*>(x.data());
  bool right = true;
  for (std::int64_t i = 0; i < key.samples(); ++i) {
    const std::int64_t sent = keys[i] / most_samples;
    right &= sent == arrival->producer() * options_.steps + arrival->step();
    for (std::int64_t c = 0; c < 3; ++c)
      right &= values[3 * i + c] == static_cast<float>(keys[i] % 100000 + c);
  }
  expect(right, "sample of a batch", arrival->step());
  taken += key.samples();
  return true;
}

}  // namespace matrix
