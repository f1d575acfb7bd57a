#include "tool/slice.hpp"

#include "tool/table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cardan::tool {

namespace {

std::vector<std::string> parts(const std::string& text, char between)
{
  std::vector<std::string> words{""};
  for (const char c : text)
    if (c == between)
      words.emplace_back();
    else if (c != ' ')
      words.back() += c;
  return words;
}

std::int64_t index_of(const std::string& word, const std::string& slice)
{
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc{} || end != word.data() + word.size() || word.empty())
    throw Error{"--slice " + slice + " is not understood", "'" + word + "' is no index",
                "Write numbers, ':' or 'first:end:step', with commas between, such as 0,:,:."};
  return value;
}

}  // namespace

Block parse_slice(const std::string& text, const Shape& shape)
{
  Block block = whole(shape);
  if (text.empty()) return block;
  const auto words = parts(text, ',');
  if (words.size() > shape.size())
    throw Error{"--slice " + text + " does not fit",
                fmt::format("the array has {} dimensions: {}", shape.size(), shape_text(shape))};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto range = parts(words[i], ':');
    const auto wrong = [&] {
      return Error{"--slice " + text + " does not fit",
                   fmt::format("dimension {} has {} indices, from 0", i, shape[i])};
    };
    const auto from_start = [&](std::int64_t index) {
      return index < 0 ? index + shape[i] : index;
    };
    if (range.size() == 1) {
      block.start[i] = from_start(index_of(range[0], text));
      block.count[i] = 1;
      if (block.start[i] < 0 || block.start[i] >= shape[i]) throw wrong();
      continue;
    }
    const std::int64_t step = range.size() > 2 && !range[2].empty() ? index_of(range[2], text) : 1;
    const std::int64_t first = range[0].empty() ? 0 : from_start(index_of(range[0], text));
    const std::int64_t end = range[1].empty() ? shape[i] : from_start(index_of(range[1], text));
    if (range.size() > 3 || step < 1 || first < 0 || first >= end || end > shape[i]) throw wrong();
    block.start[i] = first;
    block.step[i] = step;
    block.count[i] = (end - first + step - 1) / step;
  }
  return block;
}

std::vector<std::size_t> extended(const Shape& count)
{
  std::vector<std::size_t> dimensions;
  for (std::size_t i = 0; i < count.size(); ++i)
    if (count[i] > 1) dimensions.push_back(i);
  if (dimensions.empty() && !count.empty()) dimensions.push_back(0);
  return dimensions;
}

}  // namespace cardan::tool
