#include <cardan/config.hpp>

#include <algorithm>
#include <cstddef>

namespace cardan {

namespace {
/// Levenshtein's distance: the fewest insertions, deletions and replacements between two words.
std::size_t distance(const std::string& a, const std::string& b)
{
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}
}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known)
{
  std::string best;
  std::size_t closest = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t far = distance(word, candidate);
    if (far < closest) {
      closest = far;
      best = candidate;
    }
  }
  return best;
}

}  // namespace cardan
