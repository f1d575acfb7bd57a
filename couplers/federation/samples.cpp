#include "channel/patch.hpp"
#include "couplers/closure/field_samples.hpp"
#include "couplers/federation/silo.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace cardan::federation {

namespace {

const Field& find(Federation::Fields fields, const Feature& feature, const std::string& what)
{
  const auto* const found = std::find_if(fields.begin(), fields.end(), [&](const NamedField& each) {
    return each.name == feature.name;
  });
  if (found == fields.end())
    throw Error{fmt::format("{} was opened with '{}', and got none", what, feature.name)};
  const Field& field = found->field;
  bool suits = field.dtype() == feature.dtype && !field.box() &&
               field.shape().rank() == static_cast<int>(feature.shape.size()) + 1;
  for (int d = 1; suits && d < field.shape().rank(); ++d)
    suits = field.shape()[d] == feature.shape[static_cast<std::size_t>(d - 1)];
  if (!suits)
    throw Error{
        fmt::format("'{}' of {} is {} {}", feature.name, what, to_string(field.dtype()),
                    to_string(field.shape())),
        fmt::format("a sample was declared as {} {}, and the first dimension counts samples",
                    to_string(feature.dtype), to_string(Extents{feature.shape}))};
  return field;
}

void gather(const Field& field, std::int64_t count, std::byte* dense)
{
  const channel::Patch from = channel::patch_of(field, true);
  const channel::Patch to = channel::patch_in(from.count, from.count, from.element);
  const auto* source = static_cast<const std::byte*>(field.data());
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(from, source + r * field.strides()[0] * from.element, to, dense + r * to.bytes());
}

}  // namespace

std::int64_t samples_of(const std::string& what, Federation::Fields fields,
                        const Features& features)
{
  if (fields.size() != features.size())
    throw Error{fmt::format("{} got {} fields", what, fields.size()),
                fmt::format("{} were declared", features.size())};
  std::optional<std::int64_t> count;
  for (const auto& feature : features) {
    const std::int64_t samples = find(fields, feature, what).samples();
    if (count.value_or(samples) != samples)
      throw Error{fmt::format("'{}' of {} has {} samples", feature.name, what, samples),
                  fmt::format("others have {}", *count)};
    count = samples;
  }
  return count.value_or(0);
}

void append(const std::string& what, Federation::Fields fields, closure::Columns& columns)
{
  const std::int64_t first = columns.count();
  const std::int64_t more = samples_of(what, fields, columns.features());
  columns.resize(first + more);
  for (std::size_t f = 0; more > 0 && f < columns.features().size(); ++f) {
    const Feature& feature = columns.features()[f];
    gather(find(fields, feature, what), more, columns.columns()[f] + first * feature.bytes());
  }
}

void store(const std::string& what, const closure::Columns& columns, Federation::Fields fields)
{
  const Batch batch = columns.batch();
  for (std::size_t f = 0; f < columns.features().size(); ++f)
    closure::store(batch.columns[f], find(fields, columns.features()[f], what), 0, batch.count);
}

Samples::Samples(const Signature& signature, const std::string& what)
    : what_(what), inputs_(signature.inputs), targets_(signature.outputs)
{}

void Samples::add(Federation::Fields inputs, Federation::Fields outputs)
{
  const std::int64_t more = samples_of(what_, inputs, inputs_.features());
  if (samples_of(what_, outputs, targets_.features()) != more)
    throw Error{fmt::format("{} got {} samples of inputs, and {} of outputs", what_, more,
                            samples_of(what_, outputs, targets_.features()))};
  append(what_, inputs, inputs_);
  append(what_, outputs, targets_);
}

Draw::Draw(const Signature& signature, std::uint64_t seed)
    : random_(seed), some_inputs_(signature.inputs), some_targets_(signature.outputs)
{}

// Fisher and Yates, by remainders: the same wherever the library was built, and the bias of a
// remainder of 64 bits is none.
void Draw::next(const Samples& from, std::int64_t count)
{
  inputs_ = from.inputs();
  targets_ = from.targets();
  if (count == 0 || from.count() <= count) return;
  if (at_ >= order_.size() || order_.size() != static_cast<std::size_t>(from.count())) {
    order_.resize(static_cast<std::size_t>(from.count()));
    std::iota(order_.begin(), order_.end(), 0);
    for (std::size_t i = order_.size() - 1; i > 0; --i)
      std::swap(order_[i], order_[static_cast<std::size_t>(random_() % (i + 1))]);
    at_ = 0;
  }
  const auto some = std::min(static_cast<std::size_t>(count), order_.size() - at_);
  some_inputs_.resize(static_cast<std::int64_t>(some));
  some_targets_.resize(static_cast<std::int64_t>(some));
  for (std::size_t i = 0; i < some; ++i) {
    some_inputs_.copy_row(from.inputs(), order_[at_ + i], static_cast<std::int64_t>(i));
    some_targets_.copy_row(from.targets(), order_[at_ + i], static_cast<std::int64_t>(i));
  }
  at_ += some;
  inputs_ = some_inputs_.batch();
  targets_ = some_targets_.batch();
}

}  // namespace cardan::federation
