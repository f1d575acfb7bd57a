#include "spin_report.hpp"

#include <cardan/archive.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>

namespace adapt {

namespace {

using Searches = std::vector<const SpinSearch*>;

/// Of as many as there are; the mean of the two in the middle.
double median(std::vector<double> values)
{
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

template <class Value>
std::vector<double> values_of(const Searches& searches, Value&& value)
{
  std::vector<double> values;
  values.reserve(searches.size());
  for (const auto* search : searches) values.push_back(value(*search));
  return values;
}

double after(const Searches& searches, std::int64_t calls)
{
  return median(values_of(searches, [calls](const auto& s) { return s.fraction(calls); }));
}

double seconds_per_call(const SpinSearch& search)
{
  return search.seconds / static_cast<double>(search.calls.back());
}

/// Quarters of the calls.
std::array<std::int64_t, 4> milestones(const SpinSettings& settings)
{
  const std::int64_t all = settings.calls();
  return {all / 8, all / 4, all / 2, all};
}

/// Infinite where it was not reached.
double calls_to(const SpinSearch& search, double fraction)
{
  const auto calls = search.calls_to(fraction);
  return calls ? static_cast<double>(*calls) : std::numeric_limits<double>::infinity();
}

nlohmann::json or_null(double value)
{
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

}  // namespace

Searches SpinReport::of(const std::string& method) const
{
  Searches found;
  for (const auto& search : searches)
    if (search.method == method) found.push_back(&search);
  return found;
}

void print(const SpinReport& report)
{
  const auto& settings = report.settings;
  const auto& shape = settings.shape;
  const auto marks = milestones(settings);
  fmt::print(
      "\nSpin glass on strips of {} x {} sites, {} calls of the energy, median of {} strips\n",
      shape.length, shape.width, settings.calls(), settings.seeds.size());
  fmt::print("{:<14} {}\n", "", "fraction of the exact optimum after so many calls");
  fmt::print("{:<14} {:>8} {:>8} {:>8} {:>8} {:>18} {:>14}\n", "mutation", marks[0], marks[1],
             marks[2], marks[3], "calls to 0.95", "ms per call");
  for (const auto& method : settings.methods) {
    const auto searches = report.of(method);
    if (searches.empty()) continue;
    const double to = median(values_of(searches, [](const auto& s) { return calls_to(s, 0.95); }));
    fmt::print("{:<14} {:>8.4f} {:>8.4f} {:>8.4f} {:>8.4f} {:>18} {:>14.3f}\n", method,
               after(searches, marks[0]), after(searches, marks[1]), after(searches, marks[2]),
               after(searches, marks[3]), std::isfinite(to) ? fmt::format("{:.0f}", to) : "-",
               1e3 * median(values_of(searches, seconds_per_call)));
  }
}

void write_spin_archive(const SpinReport& report, const std::string& folder)
{
  const std::string path = (std::filesystem::path(folder) / "spin.h5").string();
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  archive.attribute("/", "length", report.settings.shape.length);
  archive.attribute("/", "width", report.settings.shape.width);
  for (const auto& search : report.searches) {
    const std::string name = fmt::format("runs/{}/seed_{}", search.method, search.seed);
    archive.series(name + "/calls", search.calls);
    archive.series(name + "/best", search.best);
    archive.series(name + "/mean", search.mean);
    archive.series(name + "/share", search.share);
    archive.series(name + "/successes", search.successes);
    archive.series(name + "/loss", search.loss);
    archive.series(name + "/version", search.version);
    archive.series(name + "/spins",
                   std::vector<std::int64_t>(search.spins.begin(), search.spins.end()));
    archive.attribute(name, "optimum", search.optimum);
    archive.attribute(name, "seconds", search.seconds);
    archive.attribute(name, "seed", search.seed);
  }
  archive.close();
}

nlohmann::json summary_of(const SpinReport& report)
{
  using nlohmann::json;
  const auto& settings = report.settings;
  json summary{{"length", settings.shape.length}, {"width", settings.shape.width},
               {"calls", settings.calls()},       {"seeds", settings.seeds},
               {"fraction_of_optimum", nullptr},  {"methods", json::object()}};
  const auto marks = milestones(settings);
  for (const auto& method : settings.methods) {
    const auto searches = report.of(method);
    if (searches.empty()) continue;
    json curve = json::array();
    for (const auto calls : marks)
      curve.push_back({{"calls", calls}, {"fraction", after(searches, calls)}});
    const double fraction = after(searches, settings.calls());
    summary["methods"][method] = {
        {"fraction_of_optimum", fraction},
        {"fractions", values_of(searches, [](const auto& s) { return s.fraction(); })},
        {"after", curve},
        {"calls_to_95_percent",
         or_null(median(values_of(searches, [](const auto& s) { return calls_to(s, 0.95); })))},
        {"seconds_per_call", median(values_of(searches, seconds_per_call))},
        {"versions",
         values_of(searches, [](const auto& s) { return static_cast<double>(s.version.back()); })},
        {"energy_seconds",
         median(values_of(searches, [](const auto& s) { return s.energy_seconds; }))},
        {"exact_seconds",
         median(values_of(searches, [](const auto& s) { return s.exact_seconds; }))},
        {"simulation_ranks", searches.front()->simulation_ranks},
        {"ml_ranks", searches.front()->ml_ranks}};
    if (method == "adaptive" || summary["fraction_of_optimum"].is_null())
      summary["fraction_of_optimum"] = fraction;
  }
  return summary;
}

}  // namespace adapt
