#include "couplers/closure/samples.hpp"

#include "support/typed.hpp"

#include <cstring>

namespace cardan::closure {

Columns::Columns(const Features& features)
    : features_(features), memory_(features.size()), pointers_(features.size(), nullptr)
{
  for (const auto& feature : features) bytes_.push_back(feature.bytes());
}

void Columns::resize(std::int64_t count)
{
  count_ = count;
  for (std::size_t f = 0; f < memory_.size(); ++f) {
    memory_[f].resize(static_cast<std::size_t>(count * bytes_[f]));
    pointers_[f] = memory_[f].data();
  }
}

void Columns::copy(std::size_t f, const std::byte* from, std::int64_t count, std::int64_t at)
{
  if (count == 0) return;
  std::memcpy(pointers_[f] + at * bytes_[f], from, static_cast<std::size_t>(count * bytes_[f]));
}

void Columns::copy_row(const Batch& from, std::int64_t row, std::int64_t at)
{
  for (std::size_t f = 0; f < memory_.size(); ++f)
    copy(f, from.columns[f] + row * bytes_[f], 1, at);
}

void Columns::append(const Batch& from, std::int64_t row)
{
  resize(count_ + 1);
  copy_row(from, row, count_ - 1);
}

Batch Columns::batch() const
{
  return {count_, pointers_.data()};
}

double number_at(Dtype dtype, const std::byte* column, std::int64_t index)
{
  double number = 0;
  with_type(dtype, [&](auto* type) {
    using T = typed<decltype(type)>;
    number = static_cast<double>(reinterpret_cast<const T*>(column)[index]);
  });
  return number;
}

}  // namespace cardan::closure
