/// Samples of one feature in a vector, as a batch.
#pragma once

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

/// `width` numbers a sample.
template <class T = double>
class Rows {
 public:
  Rows(std::vector<T>& numbers, std::int64_t width)
      : column_(reinterpret_cast<std::byte*>(numbers.data())),
        count_(width > 0 ? static_cast<std::int64_t>(numbers.size()) / width : 0)
  {}
  [[nodiscard]] cardan::Batch batch() const { return {count_, &column_}; }
  operator cardan::Batch() const { return batch(); }
  [[nodiscard]] std::byte* const* columns() const { return &column_; }

 private:
  std::byte* column_;
  std::int64_t count_;
};

/// One feature of `width` float64 each way.
inline cardan::Signature square_signature(std::int64_t inputs, std::int64_t outputs)
{
  return {{{"x", cardan::Dtype::float64, {inputs}}}, {{"y", cardan::Dtype::float64, {outputs}}}};
}
