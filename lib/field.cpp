#include <cardan/error.hpp>
#include <cardan/field.hpp>

#include <string>

namespace cardan {

Field::Field(const void* data, Dtype dtype, bool read_only, const Extents& shape,
             const Extents& strides)
    : data_(data), shape_(shape), strides_(strides), dtype_(dtype), read_only_(read_only)
{
  if (shape.rank() != strides.rank())
    throw Error{"a field has shape " + to_string(shape) + " and strides " + to_string(strides),
                "both must have as many dimensions"};
  for (int i = 0; i < shape.rank(); ++i)
    if (shape[i] < 0)
      throw Error{"a field has shape " + to_string(shape), "an extent must not be negative"};
  if (data == nullptr && shape.product() > 0)
    throw Error{"a field of shape " + to_string(shape) + " has no data", "its pointer is null"};
}

Field Field::in(const Box& box) const
{
  check(box);
  if (box.count != shape_)
    throw Error{
        "a field has shape " + to_string(shape_) + " but its box counts " + to_string(box.count),
        "they must be equal"};
  Field field = *this;
  field.box_ = box;
  return field;
}

Field Field::permuted(const Extents& order) const
{
  const int rank = shape_.rank();
  Extents seen = Extents::filled(rank, 0);
  bool whole = order.rank() == rank;
  for (int i = 0; whole && i < rank; ++i) whole = order[i] >= 0 && order[i] < rank;
  for (int i = 0; whole && i < rank; ++i) whole = seen[static_cast<int>(order[i])]++ == 0;
  if (!whole)
    throw Error{
        "a field of shape " + to_string(shape_) + " cannot be permuted by " + to_string(order),
        "each of its dimensions must be named once"};
  Field field = *this;
  const auto pick = [&](Extents& to, const Extents& from) {
    for (int i = 0; i < rank; ++i) to[i] = from[static_cast<int>(order[i])];
  };
  pick(field.shape_, shape_);
  pick(field.strides_, strides_);
  if (box_) {
    pick(field.box_->global, box_->global);
    pick(field.box_->offset, box_->offset);
    pick(field.box_->count, box_->count);
  }
  return field;
}

void* Field::writable() const
{
  if (read_only_)
    throw Error{"a field made from const data is to be written", "",
                "Make it from an array that is not const."};
  // The constructors take the address of non-const data where read_only_ is false.
  return const_cast<void*>(data_);
}

bool Field::dense() const noexcept
{
  std::int64_t step = 1;
  for (int i = shape_.rank() - 1; i >= 0; --i) {
    if (shape_[i] > 1 && strides_[i] != step) return false;
    step *= shape_[i];
  }
  return true;
}

void Field::expect_dense(Dtype dtype) const
{
  if (dtype_ != dtype)
    throw Error{std::string("a field of dtype ") + to_string(dtype_) + " is no span of " +
                to_string(dtype)};
  if (!dense() && strides_ != column_major(shape_))
    throw Error{"a field of shape " + to_string(shape_) + " and strides " + to_string(strides_) +
                    " is no span",
                "its elements do not lie one behind the other", "Write it through its strides."};
}

void Field::expect_elements(std::int64_t count) const
{
  if (shape_.product() != count)
    throw Error{"a span of " + std::to_string(count) + " elements cannot be a field of shape " +
                    to_string(shape_),
                "that has " + std::to_string(shape_.product())};
}

}  // namespace cardan
