#include <cardan/box.hpp>
#include <cardan/error.hpp>

#include <algorithm>

namespace cardan {

namespace {
void expect_rank(std::size_t rank)
{
  if (rank > static_cast<std::size_t>(max_rank))
    throw Error{"a field has " + std::to_string(rank) + " dimensions",
                "at most " + std::to_string(max_rank) + " are possible"};
}
}  // namespace

Extents::Extents(std::initializer_list<std::int64_t> values)
{
  expect_rank(values.size());
  std::copy(values.begin(), values.end(), values_.begin());
  rank_ = static_cast<int>(values.size());
}

Extents::Extents(const std::vector<std::int64_t>& values)
{
  expect_rank(values.size());
  std::copy(values.begin(), values.end(), values_.begin());
  rank_ = static_cast<int>(values.size());
}

Extents Extents::filled(int rank, std::int64_t value)
{
  expect_rank(static_cast<std::size_t>(rank));
  Extents extents;
  std::fill_n(extents.values_.begin(), rank, value);
  extents.rank_ = rank;
  return extents;
}

std::int64_t Extents::product() const noexcept
{
  std::int64_t product = 1;
  for (int i = 0; i < rank_; ++i) product *= (*this)[i];
  return product;
}

Extents Extents::tail() const
{
  Extents rest;
  rest.rank_ = std::max(0, rank_ - 1);
  for (int i = 0; i < rest.rank_; ++i) rest[i] = (*this)[i + 1];
  return rest;
}

bool operator==(const Extents& a, const Extents& b) noexcept
{
  return a.rank_ == b.rank_ &&
         std::equal(a.values_.begin(), a.values_.begin() + a.rank_, b.values_.begin());
}

Extents row_major(const Extents& shape)
{
  Extents strides = shape;
  std::int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= std::max<std::int64_t>(1, shape[i]);
  }
  return strides;
}

Extents column_major(const Extents& shape)
{
  Extents strides = shape;
  std::int64_t step = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    strides[i] = step;
    step *= std::max<std::int64_t>(1, shape[i]);
  }
  return strides;
}

std::string to_string(const Extents& extents)
{
  std::string text = "(";
  for (int i = 0; i < extents.rank(); ++i) text += (i ? ", " : "") + std::to_string(extents[i]);
  return text + (extents.rank() == 1 ? ",)" : ")");
}

bool operator==(const Box& a, const Box& b) noexcept
{
  return a.global == b.global && a.offset == b.offset && a.count == b.count;
}

Box intersection(const Box& a, const Box& b)
{
  Box shared = a;
  bool empty = false;
  for (int i = 0; i < a.count.rank(); ++i) {
    const std::int64_t begin = std::max(a.offset[i], b.offset[i]);
    const std::int64_t end = std::min(a.offset[i] + a.count[i], b.offset[i] + b.count[i]);
    shared.offset[i] = begin;
    shared.count[i] = std::max<std::int64_t>(0, end - begin);
    empty = empty || end <= begin;
  }
  if (empty) shared.count = Extents::filled(a.count.rank(), 0);
  return shared;
}

std::string to_string(const Box& box)
{
  std::string text = "[";
  for (int i = 0; i < box.count.rank(); ++i)
    text += (i ? ", " : "") + std::to_string(box.offset[i]) + ":" +
            std::to_string(box.offset[i] + box.count[i]);
  return text + "] of " + to_string(box.global);
}

void check(const Box& box)
{
  const int rank = box.global.rank();
  if (box.offset.rank() != rank || box.count.rank() != rank)
    throw Error{"a box has global shape " + to_string(box.global) + ", offset " +
                    to_string(box.offset) + " and count " + to_string(box.count),
                "all three must have as many dimensions"};
  for (int i = 0; i < rank; ++i)
    if (box.offset[i] < 0 || box.count[i] < 0 || box.offset[i] + box.count[i] > box.global[i])
      throw Error{"box " + to_string(box) + " does not lie inside its global array",
                  "dimension " + std::to_string(i) + " has " + std::to_string(box.global[i])};
}

}  // namespace cardan
