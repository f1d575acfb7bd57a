#include "dissection.hpp"

namespace funnel {

namespace {

/// A part of the torus, its far sides not in it.
struct Part {
  int x0, x1, y0, y1;
};

class Dissection {
 public:
  explicit Dissection(int size) : size_(size)
  {
    order_.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  }

  std::vector<int> all()
  {
    divide({1, size_, 1, size_});
    list({1, size_, 0, 1});
    list({0, 1, 0, size_});
    return std::move(order_);
  }

 private:
  void list(const Part& part)
  {
    for (int y = part.y0; y < part.y1; ++y)
      for (int x = part.x0; x < part.x1; ++x) order_.push_back(y * size_ + x);
  }

  // NOLINTNEXTLINE(misc-no-recursion): it halves.
  void divide(const Part& part)
  {
    const int width = part.x1 - part.x0;
    const int height = part.y1 - part.y0;
    if (width <= 2 || height <= 2) return list(part);
    if (width >= height) {
      const int middle = part.x0 + width / 2;
      divide({part.x0, middle, part.y0, part.y1});
      divide({middle + 1, part.x1, part.y0, part.y1});
      return list({middle, middle + 1, part.y0, part.y1});
    }
    const int middle = part.y0 + height / 2;
    divide({part.x0, part.x1, part.y0, middle});
    divide({part.x0, part.x1, middle + 1, part.y1});
    list({part.x0, part.x1, middle, middle + 1});
  }

  int size_;
  std::vector<int> order_;
};

}  // namespace

std::vector<int> dissection_order(int size)
{
  return Dissection{size}.all();
}

}  // namespace funnel
