#include "measure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace bench {

namespace {

struct Row {
  const char* what;
  std::int64_t sent, taken, lost, doubled;
};

Row counted(const char* what, const test::Tally& sent, const test::Tally& taken)
{
  const std::int64_t lost = std::max<std::int64_t>(sent.count - taken.count, sent == taken ? 0 : 1);
  return {what, sent.count, taken.count, lost, std::max<std::int64_t>(0, taken.count - sent.count)};
}

Row plain(const char* what, std::int64_t sent, std::int64_t taken)
{
  return {what, sent, taken, std::max<std::int64_t>(0, sent - taken),
          std::max<std::int64_t>(0, taken - sent)};
}

/// Milliseconds below which so much of all splits stay.
double quantile(std::vector<double> seconds, double share)
{
  if (seconds.empty()) return 0;
  std::sort(seconds.begin(), seconds.end());
  const auto last = static_cast<double>(seconds.size() - 1);
  return 1e3 * seconds[static_cast<std::size_t>(std::lround(share * last))];
}

bool tell_messages(const ResplitOptions& options, const ResplitFigures& figures,
                   nlohmann::json& line)
{
  std::vector<Row> rows;
  if (options.learns) rows.push_back(counted("samples", figures.observed, figures.observed_taken));
  rows.push_back(counted("reports", figures.reported, figures.reported_taken));
  rows.push_back(plain("decisions", figures.decided, figures.decided_taken));
  rows.push_back(plain("requests", figures.requested, figures.answered));
  rows.push_back(
      {"field elements", figures.elements, figures.elements - figures.wrong, figures.wrong, 0});
  fmt::print("{:>20}{:>12}{:>12}{:>10}{:>10}\n", "", "sent", "taken in", "lost", "doubled");
  bool whole = figures.right;
  for (const Row& row : rows) {
    fmt::print("{:>20}{:>12}{:>12}{:>10}{:>10}\n", row.what, row.sent, row.taken, row.lost,
               row.doubled);
    line[row.what] = {{"sent", row.sent}, {"lost", row.lost}, {"doubled", row.doubled}};
    whole = whole && row.lost == 0 && row.doubled == 0;
  }
  if (!figures.right) fmt::print("a request had another's answer\n");
  return whole;
}

bool tell_held(const ResplitOptions& options, const ResplitFigures& figures, nlohmann::json& line)
{
  fmt::print("{:>20}{:>12}{:>12}{:>10}   (of the rank with most, in the first and the last {})\n",
             "", "before", "after", "leaked", std::max(1, options.splits / 10));
  bool whole = true;
  for (std::size_t i = 0; i < census_figures.size(); ++i) {
    const std::int64_t more = figures.after[i] - figures.before[i];
    const bool leaks = more > census_figures[i].allowed;
    fmt::print("{:>20}{:>12}{:>12}{:>10}\n", census_figures[i].what, figures.before[i],
               figures.after[i], leaks ? more : 0);
    line[census_figures[i].what] = {{"before", figures.before[i]}, {"after", figures.after[i]}};
    whole = whole && !leaks;
  }
  fmt::print("windows: {} made, {} left; communicators: {} made, {} left\n", figures.windows,
             figures.windows_left, figures.communicators, figures.communicators_left);
  line["windows_left"] = figures.windows_left;
  line["communicators_left"] = figures.communicators_left;
  return whole && figures.windows_left == 0 && figures.communicators_left == 0;
}

}  // namespace

bool tell(const ResplitOptions& options, int ranks, const ResplitFigures& figures, JsonLines& json)
{
  const auto& seconds = figures.seconds;
  fmt::print(
      "{} ranks, {} random splits behind {} to warm up: milliseconds until all ranks work again: "
      "median {:.1f}, quartiles {:.1f} and {:.1f}, 95 % {:.1f}, most {:.1f}; {} within 50\n",
      ranks, seconds.size(), options.warmup, quantile(seconds, 0.5), quantile(seconds, 0.25),
      quantile(seconds, 0.75), quantile(seconds, 0.95), quantile(seconds, 1),
      std::count_if(seconds.begin(), seconds.end(), [](double each) { return each < 0.05; }));
  nlohmann::json line{{"report", "resplit"},
                      {"ranks", ranks},
                      {"splits", seconds.size()},
                      {"median_ms", quantile(seconds, 0.5)},
                      {"p95_ms", quantile(seconds, 0.95)},
                      {"most_ms", quantile(seconds, 1)}};
  const bool arrived = tell_messages(options, figures, line);
  const bool freed = tell_held(options, figures, line);
  json.add(line);
  return arrived && freed;
}

}  // namespace bench
