#include "channel/patch.hpp"

#include <array>
#include <cstdlib>
#include <cstring>

namespace cardan::channel {

bool Patch::dense() const noexcept
{
  std::int64_t step = element;
  for (int i = count.rank() - 1; i >= 0; --i) {
    if (count[i] > 1 && strides[i] != step) return false;
    step *= count[i];
  }
  return true;
}

Patch patch_of(const Field& field, bool tail)
{
  Patch patch;
  patch.element = size_of(field.dtype());
  patch.count = tail ? field.shape().tail() : field.shape();
  patch.strides = tail ? field.strides().tail() : field.strides();
  for (int i = 0; i < patch.strides.rank(); ++i) patch.strides[i] *= patch.element;
  return patch;
}

Patch patch_in(const Extents& shape, const Extents& count, std::int64_t element)
{
  Patch patch{element, count, row_major(shape)};
  for (int i = 0; i < patch.strides.rank(); ++i) patch.strides[i] *= element;
  return patch;
}

namespace {

struct Loop {
  std::int64_t count;
  std::int64_t from;
  std::int64_t to;
};

template <std::size_t Element>
void copy_line(const Loop& loop, const std::byte* source, std::byte* target)
{
  for (std::int64_t i = 0; i < loop.count; ++i)
    std::memcpy(target + i * loop.to, source + i * loop.from, Element);
}

void copy_loops(const Loop* loop, int depth, std::int64_t run, const std::byte* source,
                std::byte* target)
{
  if (depth == 0) {
    std::memcpy(target, source, static_cast<std::size_t>(run));
  } else if (depth == 1 && run == 8) {
    copy_line<8>(*loop, source, target);
  } else if (depth == 1 && run == 4) {
    copy_line<4>(*loop, source, target);
  } else {
    for (std::int64_t i = 0; i < loop->count; ++i)
      copy_loops(loop + 1, depth - 1, run, source + i * loop->from, target + i * loop->to);
  }
}

}  // namespace

// Loops are ordered so that the target is written as sequentially as it can be; loops that continue
// each other on both sides become one, and what is contiguous on both sides becomes one memcpy.
void copy(const Patch& from, const std::byte* source, const Patch& to, std::byte* target)
{
  std::array<Loop, max_rank> loops{};
  int depth = 0;
  for (int i = 0; i < from.count.rank(); ++i) {
    if (from.count[i] == 0) return;
    if (from.count[i] == 1) continue;
    auto place = static_cast<std::size_t>(depth++);
    for (; place > 0 && std::abs(loops[place - 1].to) < std::abs(to.strides[i]); --place)
      loops[place] = loops[place - 1];
    loops[place] = {from.count[i], from.strides[i], to.strides[i]};
  }
  int merged = 0;
  for (int i = 1; i < depth; ++i) {
    Loop& outer = loops[static_cast<std::size_t>(merged)];
    const Loop& inner = loops[static_cast<std::size_t>(i)];
    if (outer.from == inner.from * inner.count && outer.to == inner.to * inner.count)
      outer = {outer.count * inner.count, inner.from, inner.to};
    else
      loops[static_cast<std::size_t>(++merged)] = inner;
  }
  if (depth > 0) depth = merged + 1;
  std::int64_t run = from.element;
  if (depth > 0) {
    const Loop& innermost = loops[static_cast<std::size_t>(depth - 1)];
    if (innermost.from == run && innermost.to == run) {
      run *= innermost.count;
      --depth;
    }
  }
  copy_loops(loops.data(), depth, run, source, target);
}

}  // namespace cardan::channel
