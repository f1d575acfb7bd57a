#include "sources.hpp"

#include <algorithm>

namespace bench {

Buffer::Buffer(std::int64_t count) : count_(static_cast<std::size_t>(count))
{
  const std::size_t lines = (count_ * sizeof(std::int64_t) + Places::line - 1) / Places::line;
  data_.reset(static_cast<std::int64_t*>(
      std::aligned_alloc(Places::line, std::max<std::size_t>(lines, 1) * Places::line)));
  if (!data_) throw std::bad_alloc();
  std::fill_n(data_.get(), count_, -1);
}

Sources::Sources(const Team& team, const Layout& layout)
{
  if (!team.produces()) return;
  for (std::int64_t i = 0; i < Values::arrays; ++i) {
    Buffer& buffer = arrays_[static_cast<std::size_t>(i)];
    buffer = Buffer(layout.mine.count);
    Values::ready(i).fill(buffer.span(), layout.mine.first);
  }
}

}  // namespace bench
