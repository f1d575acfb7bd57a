#include "couplers/reduction/sender.hpp"

#include "channel/patch.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace cardan::reduction {

namespace {

/// The largest finite number less the least; 0 where there is none.
double range_of(const std::vector<double>& values)
{
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  return most >= least ? std::min(most - least, std::numeric_limits<double>::max()) : 0;
}

/// Any strides, to dense float64.
template <class T>
void copy_as(const Field& field, double* to)
{
  const channel::Patch from = channel::patch_of(field, false);
  if (from.dense()) {
    const T* numbers = static_cast<const T*>(field.data());
    std::copy_n(numbers, field.shape().product(), to);
    return;
  }
  if constexpr (std::is_same_v<T, double>) {
    channel::copy(from, static_cast<const std::byte*>(field.data()),
                  channel::patch_in(from.count, from.count, from.element),
                  reinterpret_cast<std::byte*>(to));
  } else {
    std::vector<T> dense(static_cast<std::size_t>(field.shape().product()));
    channel::copy(from, static_cast<const std::byte*>(field.data()),
                  channel::patch_in(from.count, from.count, from.element),
                  reinterpret_cast<std::byte*>(dense.data()));
    std::copy(dense.begin(), dense.end(), to);
  }
}

bool suits(const NamedField& given, const ReductionField& declared)
{
  const Field& field = given.field;
  bool suits = given.name == declared.name && field.dtype() == declared.dtype &&
               field.shape().rank() == static_cast<int>(declared.shape.size());
  for (int d = 0; suits && d < field.shape().rank(); ++d)
    suits = field.shape()[d] == declared.shape[static_cast<std::size_t>(d)];
  return suits;
}

}  // namespace

std::int64_t numbers_of(const ReductionField& field)
{
  return std::accumulate(field.shape.begin(), field.shape.end(), std::int64_t{1},
                         std::multiplies<>{});
}

std::int64_t bytes_of(const ReductionField& field)
{
  return numbers_of(field) * size_of(field.dtype);
}

Sender::Sender(std::vector<ReductionField> fields, const Settings& settings,
               const Quantity* quantity)
    : fields_(std::move(fields)),
      settings_(settings),
      quantity_(quantity),
      packed_(fields_.size()),
      eps_(fields_.size())
{
  std::size_t most = sizeof(PutHead) + fields_.size() * sizeof(FieldHead);
  for (const auto& field : fields_) {
    packers_.emplace_back(field, edges_of(field, settings_), settings_.codec);
    most += packers_.back().most_bytes();
    values_.emplace_back(static_cast<std::size_t>(numbers_of(field)));
    columns_.push_back(values_.back().data());
  }
  bytes_.resize(most);
}

void Sender::check(Reduction::FieldList fields) const
{
  if (fields.size() != fields_.size())
    throw Error{fmt::format("a put to reduction '{}' has {} field{}", settings_.name, fields.size(),
                            fields.size() == 1 ? "" : "s"),
                fmt::format("declared are {}", fields_.size())};
  for (std::size_t f = 0; f < fields.size(); ++f)
    if (!suits(fields[f], fields_[f]))
      throw Error{
          fmt::format("a put to reduction '{}' has '{}' as {} {}", settings_.name, fields[f].name,
                      to_string(fields[f].field.dtype()), to_string(fields[f].field.shape())),
          fmt::format("declared is '{}' as {} {}", fields_[f].name, to_string(fields_[f].dtype),
                      to_string(Extents{fields_[f].shape}))};
}

void Sender::copy(Reduction::FieldList fields)
{
  for (std::size_t f = 0; f < fields.size(); ++f) {
    if (fields_[f].dtype == Dtype::float32)
      copy_as<float>(fields[f].field, values_[f].data());
    else
      copy_as<double>(fields[f].field, values_[f].data());
  }
}

double Sender::eps_of(std::size_t field, double scale) const
{
  const double eps = settings_.eps_of(field) * scale;
  return settings_.relative ? eps * range_of(values_[field]) : eps;
}

std::span<const std::byte> Sender::pack(const Encoders& encoders, const Decision& decision,
                                        double period, std::int64_t begun)
{
  const std::span<std::byte> all{bytes_};
  std::size_t at = sizeof(PutHead) + fields_.size() * sizeof(FieldHead);
  PutHead head;
  head.decision = decision.number;
  head.period = period;
  if (quantity_ != nullptr) head.quantity = (*quantity_)(fields_, columns_.data());
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    eps_[f] = eps_of(f, decision.scale);
    packed_[f] = packers_[f].pack(values_[f].data(), eps_[f], decision.still, false, *encoders[f],
                                  all.subspan(at));
    const FieldHead field{eps_[f], packed_[f].max_error, packed_[f].checksum, packed_[f].bytes};
    std::memcpy(bytes_.data() + sizeof(PutHead) + f * sizeof(FieldHead), &field, sizeof field);
    at += packed_[f].bytes;
    head.raw_bytes += bytes_of(fields_[f]);
  }
  head.seconds = static_cast<double>(clock() - begun) * 1e-9;
  std::memcpy(bytes_.data(), &head, sizeof head);
  return all.first(at);
}

}  // namespace cardan::reduction
