/// What the first twin rank tells the others: what to do, and the observations for it.
#pragma once

#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace cardan::twin {

enum class What : std::int32_t { cycle, late, hold, end };

/// Stands before the observations, and is sent as it is.
struct Order {
  What what = What::end;
  /// Of the model for this cycle; whether its state comes along, and whether it is trusted.
  std::uint32_t version = 0;
  std::int32_t swap = 0;
  std::int32_t trusted = 0;
  std::int64_t cycle = -1;
  double time = 0;
  double left = 0;
};

/// An order, whose observations are here, and for each field the numbers of all asset ranks: one
/// block of bytes.
class Frame {
 public:
  Frame(const Features& observation, int asset_ranks)
      : here_(sizeof(Order)), asset_ranks_(static_cast<std::size_t>(asset_ranks))
  {
    std::size_t bytes = rounded(here_ + asset_ranks_);
    for (const auto& feature : observation) {
      offsets_.push_back(bytes);
      sizes_.push_back(static_cast<std::size_t>(feature.bytes()));
      bytes = rounded(bytes + asset_ranks_ * sizes_.back());
    }
    bytes_.resize(bytes);
    columns_.resize(offsets_.size());
  }
  void clear()
  {
    std::memset(bytes_.data(), 0, bytes_.size());
    settled = 0;
    clock = 0;
  }
  [[nodiscard]] Order order() const
  {
    Order order;
    std::memcpy(&order, bytes_.data(), sizeof order);
    return order;
  }
  void set(const Order& order) { std::memcpy(bytes_.data(), &order, sizeof order); }
  /// Puts the observation of an asset rank; `columns` as they come.
  void put(std::size_t rank, const std::vector<const std::byte*>& columns)
  {
    for (std::size_t f = 0; f < offsets_.size(); ++f)
      std::memcpy(bytes_.data() + offsets_[f] + rank * sizes_[f], columns[f], sizes_[f]);
    bytes_[here_ + rank] = std::byte{1};
  }
  [[nodiscard]] std::span<const std::uint8_t> here() const
  {
    return {reinterpret_cast<const std::uint8_t*>(bytes_.data() + here_), asset_ranks_};
  }
  [[nodiscard]] const std::byte* const* columns()
  {
    for (std::size_t f = 0; f < offsets_.size(); ++f) columns_[f] = bytes_.data() + offsets_[f];
    return columns_.data();
  }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

  // Of the first twin rank.
  std::int64_t cycle = -1;
  /// Asset ranks whose observation is here, or that said that there is none.
  int settled = 0;
  /// When the first of them came, and the deadline (infinite: none), both by this rank's clock in
  /// nanoseconds; the clock of the newest report.
  std::int64_t first = 0;
  double due = 0;
  std::int64_t clock = 0;

 private:
  static std::size_t rounded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  std::size_t here_;
  std::size_t asset_ranks_;
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> sizes_;
  std::vector<std::byte> bytes_;
  std::vector<const std::byte*> columns_;
};

}  // namespace cardan::twin
