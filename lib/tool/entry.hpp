/// What stands in an HDF5 file, in words of our own.
#pragma once

#include <cardan/dtype.hpp>
#include <cardan/error.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cardan::tool {

using Shape = std::vector<std::int64_t>;

/// A value of an attribute or a short array; a text stands for what is neither text nor numbers.
using Values =
    std::variant<std::vector<std::string>, std::vector<std::int64_t>, std::vector<double>>;

struct Attribute {
  std::string name;
  std::string type;
  Values values;
  bool single = true;
};

/// A group, an array, or something else.
struct Entry {
  enum class Kind { group, array, link, other };
  /// Without a slash before it; empty for the file's root.
  std::string path;
  Kind kind = Kind::other;
  /// As it is shown: `float64`, `text(12)`, `compound`; of a link, where it leads.
  std::string type;
  /// How its numbers are read; none where they are no numbers.
  std::optional<Dtype> dtype;
  bool text = false;
  Shape shape;
  /// Empty where it lies in one piece.
  Shape chunk;
  std::vector<std::string> filters;
  /// Bytes of one element, of all, and those that are stored in the file.
  std::int64_t element = 0;
  std::int64_t bytes = 0;
  std::int64_t stored = 0;
  std::vector<Attribute> attributes;

  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] const Attribute* attribute(const std::string& name) const;
};

/// A text, or the first text of several; empty where there is none.
std::string text_of(const Attribute* attribute);
/// Numbers of an attribute as float64; none where it has texts.
std::vector<double> numbers_of(const Attribute* attribute);

/// Which part of an array is looked at.
struct Block {
  Shape start;
  Shape count;
  Shape step;
};
/// All of an array.
Block whole(const Shape& shape);
std::int64_t product(const Shape& shape);
/// Cuts a shape into blocks of `most` elements or fewer that follow the borders of chunks; where
/// one chunk is larger, that. `in_order`: blocks are in row-major order, whatever the chunks are.
void for_each_piece(const Shape& shape, const Shape& chunk, std::int64_t most, bool in_order,
                    const std::function<void(const Shape& start, const Shape& count)>& visit);
/// The position in row-major order of the first element of a row (along the last dimension) of a
/// block, for each row in turn.
void for_each_row(const Shape& shape, const Shape& start, const Shape& count,
                  const std::function<void(std::int64_t position, std::int64_t in_block,
                                           std::int64_t length)>& visit);

/// Elements that are held in memory at once.
inline constexpr std::int64_t piece_elements = std::int64_t{1} << 20;

/// An HDF5 file whose structures cannot be read: it is damaged or not whole.
class DamagedError : public Error {
 public:
  using Error::Error;
};

/// An HDF5 file that is open for reading. Errors name the file.
class File {
 public:
  /// Throws where it is missing or is no HDF5 file, and a DamagedError.
  explicit File(const std::string& path);
  ~File();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Everything in it, sorted within groups; links to other places are listed, not followed.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] const Entry& root() const { return entries_.front(); }
  /// One array, its path with or without a slash before it; throws with the nearest name.
  [[nodiscard]] const Entry& array(const std::string& path) const;
  [[nodiscard]] const Entry* find(const std::string& path) const;

  /// Reads a block of an array of numbers, dense, as `dtype`.
  void read(const Entry& entry, const Block& block, Dtype dtype, void* data) const;
  /// Reads a block's bytes as they are in the file, without a conversion; not of varying lengths.
  void read_bytes(const Entry& entry, const Block& block, void* data) const;
  [[nodiscard]] std::vector<std::string> read_texts(const Entry& entry, const Block& block) const;
  /// The one number or text of an array of one element; none where it has others, or is missing.
  [[nodiscard]] std::optional<double> number(const std::string& path) const;
  [[nodiscard]] std::string text(const std::string& path) const;
  /// Whether elements have fixed sizes, so that `read_bytes` works.
  [[nodiscard]] bool fixed(const Entry& entry) const;

 private:
  struct Open;
  /// The dataset of an entry; the last one stays open.
  void open(const Entry& entry) const;
  std::string path_;
  std::unique_ptr<Open> open_;
  std::vector<Entry> entries_;
};

/// Calls `work` with a value of the C++ type that has a dtype's numbers.
template <class Work>
decltype(auto) with_type(Dtype dtype, Work&& work)
{
  switch (dtype) {
    case Dtype::float32: return work(float{});
    case Dtype::float64: return work(double{});
    case Dtype::int8: return work(std::int8_t{});
    case Dtype::int16: return work(std::int16_t{});
    case Dtype::int32: return work(std::int32_t{});
    case Dtype::int64: return work(std::int64_t{});
    case Dtype::uint8: return work(std::uint8_t{});
    case Dtype::uint16: return work(std::uint16_t{});
    case Dtype::uint32: return work(std::uint32_t{});
    case Dtype::uint64: break;
  }
  return work(std::uint64_t{});
}

}  // namespace cardan::tool
