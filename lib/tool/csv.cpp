#include "tool/inspect.hpp"
#include "tool/output.hpp"
#include "tool/statistics.hpp"

#include <fmt/format.h>

#include <iterator>

namespace cardan::tool {

namespace {

/// Ends a line after each row of the last dimension.
class Rows {
 public:
  Rows(Output& output, const Shape& count) : output_(output), row_(count.empty() ? 1 : count.back())
  {}

  template <class T>
  void number(T value)
  {
    if constexpr (sizeof(T) == 1)
      fmt::format_to(std::back_inserter(text_), "{}", static_cast<int>(value));
    else
      fmt::format_to(std::back_inserter(text_), "{}", value);
    end();
  }
  void word(const std::string& text)
  {
    text_ += '"';
    for (const char c : text) text_ += c == '"' ? "\"\"" : std::string(1, c);
    text_ += '"';
    end();
  }
  void flush()
  {
    output_.write(text_);
    text_.clear();
  }

 private:
  void end()
  {
    at_ = (at_ + 1) % row_;
    text_ += at_ == 0 ? '\n' : ',';
    if (text_.size() > std::size_t{1} << 16) flush();
  }

  Output& output_;
  std::int64_t row_;
  std::int64_t at_ = 0;
  std::string text_;
};

}  // namespace

void write_csv(const File& file, const Entry& entry, const Block& block, const std::string& path)
{
  Output output{path};
  Rows rows{output, block.count};
  Progress progress{entry.path, product(block.count) * entry.element};
  if (entry.text) {
    for_each_piece(block.count, {}, 1 << 14, true, [&](const Shape& start, const Shape& count) {
      Block piece{start, count, block.step};
      for (std::size_t i = 0; i < start.size(); ++i)
        piece.start[i] = block.start[i] + start[i] * block.step[i];
      for (const auto& text : file.read_texts(entry, piece)) rows.word(text);
      progress.add(product(count) * entry.element);
    });
  } else {
    with_type(*entry.dtype, [&](auto type) {
      using T = decltype(type);
      for_each_numbers<T>(file, entry, block, *entry.dtype, true,
                          [&](const std::vector<T>& data, const Shape&, const Shape&) {
                            for (const T value : data) rows.number(value);
                            progress.add(static_cast<std::int64_t>(data.size() * sizeof(T)));
                          });
    });
  }
  rows.flush();
  output.finish();
}

}  // namespace cardan::tool
