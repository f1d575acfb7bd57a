// Who makes room, and who is drawn.
#include "couplers/closure/buffer.hpp"

#include <algorithm>
#include <utility>

namespace cardan::closure {

namespace {

class Fifo : public Buffer {
 public:
  Fifo(const Signature& signature, const BufferSettings& settings, std::uint64_t seed)
      : Buffer(signature, settings.capacity, seed)
  {}

 private:
  std::int64_t place_of_next() override { return std::exchange(oldest_, (oldest_ + 1) % size()); }

  void put_places(State& own) const override { own.put("oldest", Dtype::int64, {1}, &oldest_); }
  bool take_places(const State& own, std::int64_t count) override
  {
    if (!own.has("oldest")) return false;
    const std::int64_t oldest = own.integer("oldest");
    if (oldest < 0 || oldest >= std::max<std::int64_t>(1, count)) return false;
    oldest_ = oldest;
    return true;
  }
  void places_anew() override { oldest_ = 0; }
  [[nodiscard]] bool keeps_newest() const override { return true; }

  std::int64_t oldest_ = 0;
};

class Reservoir : public Buffer {
 public:
  Reservoir(const Signature& signature, const BufferSettings& settings, std::uint64_t seed)
      : Buffer(signature, settings.capacity, seed)
  {}

 private:
  // The newcomer stays with probability capacity / seen, and then for any of the others.
  std::int64_t place_of_next() override
  {
    const std::int64_t place = any(seen());
    return place < capacity() ? place : nowhere;
  }
  bool take_places(const State& own, std::int64_t) override
  {
    return !own.has("oldest") && !own.has("order");
  }
};

// After the training reservoir of Melissa (Meyer, Schouler, Caulk, Ribes and Raffin 2023,
// arXiv:2309.16743), where a sample may be evicted once it was seen, at random, and the stream
// waits while none was. Here it takes `least` draws, and the newcomer is dropped instead: the
// simulation is never held back. Of two places chosen at random the one drawn less often is drawn
// (two choices, Azar et al. 1999), so that no sample waits for long, and yet old and new ones are
// mixed.
class Threshold : public Buffer {
 public:
  Threshold(const Signature& signature, const BufferSettings& settings, std::uint64_t seed)
      : Buffer(signature, settings.capacity, seed), least_(settings.least)
  {}

 private:
  std::int64_t place_of_next() override
  {
    const std::int64_t used = size() - fresh_;
    return used == 0 ? nowhere : order_[index(fresh_ + any(used))];
  }
  std::int64_t choose() override
  {
    const std::int64_t a = any(size());
    const std::int64_t b = any(size());
    return hits(b) < hits(a) ? b : a;
  }
  void filled(std::int64_t place) override
  {
    if (place == static_cast<std::int64_t>(order_.size())) {
      order_.push_back(place);
      position_.push_back(place);
    }
    swap(position_[index(place)], fresh_++);
  }
  void drawn(std::int64_t place) override
  {
    if (hits(place) == least_) swap(position_[index(place)], --fresh_);
  }

  void put_places(State& own) const override
  {
    own.put("order", order_);
    own.put("fresh", Dtype::int64, {1}, &fresh_);
  }
  bool take_places(const State& own, std::int64_t count) override
  {
    if (!own.has("order")) return false;
    const auto order = own.integers("order");
    const std::int64_t fresh = own.integer("fresh");
    std::vector<std::int64_t> position(index(count), -1);
    if (std::ssize(order) != count || fresh < 0 || fresh > count) return false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (order[i] < 0 || order[i] >= count || position[index(order[i])] >= 0) return false;
      position[index(order[i])] = static_cast<std::int64_t>(i);
    }
    order_ = order;
    position_ = position;
    fresh_ = fresh;
    return true;
  }
  void places_anew() override
  {
    order_.clear();
    position_.clear();
    fresh_ = 0;
    for (std::int64_t place = 0; place < size(); ++place) {
      order_.push_back(place);
      position_.push_back(place);
      if (hits(place) < least_) swap(place, fresh_++);
    }
  }

  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  void swap(std::int64_t i, std::int64_t j)
  {
    std::swap(order_[index(i)], order_[index(j)]);
    position_[index(order_[index(i)])] = i;
    position_[index(order_[index(j)])] = j;
  }

  std::int64_t least_;
  /// All places: first those that must stay, then those that may go; and where each stands.
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> position_;
  std::int64_t fresh_ = 0;
};

}  // namespace

std::unique_ptr<Buffer> make_buffer(const BufferSettings& settings, const Signature& signature,
                                    std::uint64_t seed)
{
  switch (settings.kind) {
    case BufferSettings::Kind::fifo: return std::make_unique<Fifo>(signature, settings, seed);
    case BufferSettings::Kind::threshold:
      return std::make_unique<Threshold>(signature, settings, seed);
    case BufferSettings::Kind::reservoir: break;
  }
  return std::make_unique<Reservoir>(signature, settings, seed);
}

}  // namespace cardan::closure
