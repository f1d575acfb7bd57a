/// What a rank adds to a checkpoint: named arrays, or its parts of global ones, copied.
#pragma once

#include "checkpoint/memory.hpp"

#include <cardan/box.hpp>
#include <cardan/field.hpp>
#include <cardan/state.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cardan::checkpoint {

using Attribute = std::pair<std::string, std::variant<std::string, double, std::int64_t>>;
using Attributes = std::vector<Attribute>;

/// How an array lies in the file.
struct Storage {
  /// Level of deflate, 1 to 9, after a shuffle of bytes; 0: as it is, which is written in the
  /// background.
  int deflate = 0;
  /// Floating-point values are rounded so that none moves by more than this; 0: they stay.
  double error_bound = 0;
};

/// A part of a global array; a rank that has nothing of it may leave it out.
struct Item {
  /// Path in the file, such as `fields/state`.
  std::string name;
  Dtype dtype = Dtype::float64;
  Box box;
  Attributes attributes;
  Storage storage;
  /// A text: `data` has its bytes, `box` one element.
  bool text = false;
  /// Dense and row-major, of `box.count` elements.
  Memory data;

  /// Bytes of an element.
  [[nodiscard]] std::int64_t element() const { return text ? 1 : size_of(dtype); }
  /// Elements as checksums count them: the bytes of a text.
  [[nodiscard]] Box elements() const;
};

/// Not collective; nothing is written by it. Ranks that name the same array give it the same dtype,
/// global shape and attributes.
class Snapshot {
 public:
  /// Copies a field, which has a box, or of which this rank has all (`box` empty): then only one
  /// rank may name it.
  void add(const std::string& name, const Field& field, const Attributes& attributes = {},
           const Storage& storage = {});
  /// Takes a part whose memory is given away.
  void add(Item item) { items_.push_back(std::move(item)); }
  /// A number or a text that this rank alone holds.
  void add(const std::string& name, std::int64_t number);
  void add(const std::string& name, double number);
  void add(const std::string& name, const std::string& text);
  /// All arrays of a state as `group/NAME`, which this rank alone holds.
  void add(const std::string& group, const State& state);
  /// Rows [first, first + count) of an array of `total` rows, `row` being the shape of one: what
  /// lies at `data` is copied.
  void add_rows(const std::string& name, Dtype dtype, std::int64_t total, std::int64_t first,
                std::int64_t count, const std::vector<std::int64_t>& row, const void* data);

  [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }
  [[nodiscard]] std::vector<Item> take() noexcept { return std::move(items_); }

 private:
  std::vector<Item> items_;
};

}  // namespace cardan::checkpoint
