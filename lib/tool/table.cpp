#include "tool/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cardan::tool {

namespace {

/// Letters on a screen: bytes that begin one in UTF-8.
std::size_t width_of(const std::string& text)
{
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(const std::string& word, std::size_t width, Table::Side side)
{
  const std::size_t wide = width_of(word);
  const std::string blanks(wide < width ? width - wide : 0, ' ');
  return side == Table::Side::left ? word + blanks : blanks + word;
}

std::string trimmed(std::string line)
{
  line.resize(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::row(std::vector<std::string> words)
{
  lines_.push_back({std::move(words)});
}

void Table::line(const std::string& text)
{
  lines_.push_back({{text}, true});
}

// A first word that is too long for the page stands on a line of its own, before the others.
std::string Table::text() const
{
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(width_of(column.head));
  for (std::size_t i = 1; i < widths.size(); ++i)
    for (const auto& line : lines_)
      if (!line.alone) widths[i] = std::max(widths[i], width_of(line.words[i]));
  std::size_t others = 0;
  for (std::size_t i = 1; i < widths.size(); ++i) others += widths[i] + 2;
  const std::size_t room = std::max<std::size_t>(12, page_width - std::min(page_width, others));
  for (const auto& line : lines_)
    if (!line.alone && width_of(line.words[0]) <= room)
      widths[0] = std::max(widths[0], width_of(line.words[0]));
  std::string text;
  std::string head;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    head += (i > 0 ? "  " : "") + padded(columns_[i].head, widths[i], columns_[i].side);
  text += trimmed(head);
  for (const auto& line : lines_) {
    if (line.alone) {
      text += trimmed(line.words[0]);
      continue;
    }
    std::string row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool too_long = i == 0 && width_of(line.words[0]) > widths[0];
      if (too_long) text += trimmed(line.words[0]);
      row += (i > 0 ? "  " : "") +
             padded(too_long ? std::string{} : line.words[i], widths[i], columns_[i].side);
    }
    text += trimmed(row);
  }
  return text;
}

std::string size_text(std::int64_t bytes)
{
  constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < units.size()) {
    size /= 1000;
    ++unit;
  }
  return size < 99.95 ? fmt::format("{:.1f} {}", size, units[unit])
                      : fmt::format("{:.0f} {}", size, units[unit]);
}

std::string shape_text(const Shape& shape)
{
  return shape.empty() ? "-" : fmt::format("{}", fmt::join(shape, " x "));
}

std::string number_text(double number)
{
  if (number == std::floor(number) && std::abs(number) < 1e6) return fmt::format("{:.0f}", number);
  return fmt::format("{:.4g}", number);
}

std::string exact_text(double number)
{
  if (std::isnan(number)) return "nan";
  return fmt::format("{}", number);
}

std::string cut(const std::string& text, std::size_t width)
{
  std::string line;
  std::size_t wide = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80 && ++wide > width) return line + "...";
    line += byte < 32 || byte == 127 ? ' ' : c;
  }
  return line;
}

std::string values_text(const Values& values, bool single)
{
  constexpr std::size_t most = 8;
  std::vector<std::string> words;
  std::size_t count = 0;
  std::visit(
      [&](const auto& each) {
        count = each.size();
        for (std::size_t i = 0; i < std::min(count, most); ++i) {
          using Value = std::decay_t<decltype(each[i])>;
          if constexpr (std::is_same_v<Value, std::string>)
            words.push_back(fmt::format("\"{}\"", cut(each[i], 60)));
          else if constexpr (std::is_same_v<Value, double>)
            words.push_back(exact_text(each[i]));
          else
            words.push_back(fmt::format("{}", each[i]));
        }
      },
      values);
  if (count > most) words.emplace_back("...");
  return single && words.size() == 1 ? words[0] : fmt::format("[{}]", fmt::join(words, ", "));
}

}  // namespace cardan::tool
