/// Records of decisions in memory: rows of typed columns, until they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace cardan::provenance {

/// A number of a record: 64 bits, as its column says.
union Word {
  constexpr Word(std::int64_t value) : integer(value) {}
  constexpr Word(double value) : number(value) {}
  constexpr Word() : integer(0) {}
  std::int64_t integer;
  double number;
};
static_assert(sizeof(Word) == 8);

struct Column {
  /// A hash is 64 bits that lines of text show in hexadecimal.
  enum class Type { integer, number, hash };
  std::string name;
  Type type = Type::integer;
};
using ColumnList = std::vector<Column>;

/// A rank's rows. Adding one allocates only where there are more than were reserved.
class Table {
 public:
  explicit Table(ColumnList columns, std::size_t reserved = 0) : columns_(std::move(columns))
  {
    words_.reserve(reserved * columns_.size());
  }
  [[nodiscard]] const ColumnList& columns() const noexcept { return columns_; }
  [[nodiscard]] std::int64_t rows() const noexcept
  {
    return static_cast<std::int64_t>(words_.size() / columns_.size());
  }
  /// Adds a row of zeros, and gives where it begins; valid until the next one.
  Word* add()
  {
    words_.resize(words_.size() + columns_.size());
    return words_.data() + words_.size() - columns_.size();
  }
  [[nodiscard]] Word* row(std::int64_t index)
  {
    return words_.data() + static_cast<std::size_t>(index) * columns_.size();
  }
  [[nodiscard]] const std::vector<Word>& words() const noexcept { return words_; }
  [[nodiscard]] std::vector<Word>& words() noexcept { return words_; }
  /// Forgets all rows, and keeps the memory.
  void clear() noexcept { words_.clear(); }

 private:
  ColumnList columns_;
  std::vector<Word> words_;
};

}  // namespace cardan::provenance
