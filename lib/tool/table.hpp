/// Text as it is printed: columns, sizes, numbers.
#pragma once

#include "tool/entry.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::tool {

inline constexpr std::size_t page_width = 100;

/// Rows of words in columns; the page's width is kept as long as words allow.
class Table {
 public:
  enum class Side { left, right };
  struct Column {
    std::string head;
    Side side = Side::right;
  };
  explicit Table(std::vector<Column> columns);
  void row(std::vector<std::string> words);
  /// A line of its own between rows.
  void line(const std::string& text);
  [[nodiscard]] std::string text() const;

 private:
  struct Line {
    std::vector<std::string> words;
    bool alone = false;
  };
  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

/// `1.5 MB`, of 1000 bytes each; `96 x 96 x 3`, a lone number as `-`.
std::string size_text(std::int64_t bytes);
std::string shape_text(const Shape& shape);
/// Four digits: for people.
std::string number_text(double number);
/// As many digits as give the same number again.
std::string exact_text(double number);
/// A short text for an attribute's or a small array's values.
std::string values_text(const Values& values, bool single);
/// One line, without control characters, cut to a width.
std::string cut(const std::string& text, std::size_t width);

}  // namespace cardan::tool
