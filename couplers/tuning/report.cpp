#include "couplers/tuning/report.hpp"

#include "support/log.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <exception>
#include <filesystem>

namespace cardan::tuning {

namespace {

/// Writes a report's numbers one after another, or reads them: one list for both.
template <class Each>
void visit(TuningReport& report, Each&& each)
{
  each(report.trials);
  each(report.best);
  each(report.best_loss);
  each(report.best_epochs);
  each(report.total_epochs);
  each(report.epochs_to_target);
  each(report.seconds_to_target);
  each(report.killed_fraction);
  each(report.diverged);
  each(report.clones);
  each(report.migrations);
  each(report.evicted);
  each(report.training);
  each(report.simulating);
  each(report.waiting);
  each(report.moves);
  each(report.samples);
  each(report.held_out);
  each(report.lost_samples);
  each(report.wall);
  for (TuningRecord& record : report.records) {
    each(record.trial);
    each(record.rung);
    each(record.epochs);
    each(record.piece);
    each(record.loss);
    each(record.cause);
    each(record.verdict);
    each(record.from);
    each(record.ranks);
    each(record.rank);
    each(record.seconds);
    each(record.total_epochs);
  }
  for (double& value : report.values) each(value);
  for (auto& use : report.use) {
    each(use.seconds);
    each(use.simulating);
    each(use.training);
  }
}

template <class Number>
std::vector<Number> column(const TuningReport& report, Number (*of)(const TuningRecord&))
{
  std::vector<Number> all;
  all.reserve(report.records.size());
  for (const TuningRecord& record : report.records) all.push_back(of(record));
  return all;
}

void write_records(Archive& archive, const TuningReport& report)
{
  using Record = TuningRecord;
  using Integer = std::int64_t;
  const auto integers = [&](const char* name, Integer (*of)(const Record&)) {
    archive.series(std::string("records/") + name, column<Integer>(report, of));
  };
  const auto reals = [&](const char* name, double (*of)(const Record&)) {
    archive.series(std::string("records/") + name, column<double>(report, of));
  };
  integers("trial", [](const Record& r) { return r.trial; });
  integers("rung", [](const Record& r) { return static_cast<Integer>(r.rung); });
  integers("epochs", [](const Record& r) { return r.epochs; });
  integers("piece", [](const Record& r) { return r.piece; });
  reals("loss", [](const Record& r) { return r.loss; });
  integers("cause", [](const Record& r) { return static_cast<Integer>(r.cause); });
  integers("verdict", [](const Record& r) { return static_cast<Integer>(r.verdict); });
  integers("from", [](const Record& r) { return r.from; });
  integers("ranks", [](const Record& r) { return static_cast<Integer>(r.ranks); });
  integers("rank", [](const Record& r) { return static_cast<Integer>(r.rank); });
  reals("seconds", [](const Record& r) { return r.seconds; });
  integers("total_epochs", [](const Record& r) { return r.total_epochs; });
}

void write_all(Archive& archive, const TuningReport& report, const Settings& settings)
{
  archive.attribute("/", "tuning", settings.name);
  archive.attribute("/", "trials", report.trials);
  archive.attribute("/", "best", report.best);
  archive.attribute("/", "best_loss", report.best_loss);
  archive.attribute("/", "best_epochs", report.best_epochs);
  archive.attribute("/", "total_epochs", report.total_epochs);
  archive.attribute("/", "epochs_to_target", report.epochs_to_target);
  archive.attribute("/", "seconds_to_target", report.seconds_to_target);
  archive.attribute("/", "killed_fraction", report.killed_fraction);
  archive.attribute("/", "diverged", report.diverged);
  archive.attribute("/", "clones", report.clones);
  archive.attribute("/", "migrations", report.migrations);
  archive.attribute("/", "evicted", report.evicted);
  archive.attribute("/", "moves", report.moves);
  archive.attribute("/", "samples", report.samples);
  archive.attribute("/", "training", report.training);
  archive.attribute("/", "simulating", report.simulating);
  archive.attribute("/", "waiting", report.waiting);
  archive.attribute("/", "wall", report.wall);
  write_records(archive, report);
  archive.attribute("records/cause", "names",
                    std::string("begin go_on pause promote stop clone finish"));
  archive.attribute("records/verdict", "names",
                    std::string("begin go_on pause promote stop clone finish"));
  const auto& parameters = settings.space.parameters;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(report.trials));
    for (std::int64_t t = 0; t < report.trials; ++t) values.push_back(report.values_of(t)[p]);
    const std::string name = "values/" + parameters[p].name;
    archive.series(name, values);
    if (!parameters[p].words.empty())
      archive.attribute(name, "words", fmt::format("{}", fmt::join(parameters[p].words, "\n")));
  }
  std::vector<double> seconds;
  std::vector<std::int64_t> simulating;
  std::vector<std::int64_t> training;
  for (const auto& use : report.use) {
    seconds.push_back(use.seconds);
    simulating.push_back(use.simulating);
    training.push_back(use.training);
  }
  archive.series("use/seconds", seconds);
  archive.series("use/simulating", simulating);
  archive.series("use/training", training);
}

}  // namespace

std::vector<double> numbers_of(const TuningReport& report, int best_rank)
{
  std::vector<double> numbers{
      static_cast<double>(best_rank), static_cast<double>(report.records.size()),
      static_cast<double>(report.values.size()), static_cast<double>(report.use.size())};
  TuningReport copy = report;
  visit(copy, [&](auto& number) { numbers.push_back(static_cast<double>(number)); });
  return numbers;
}

TuningReport report_from(std::span<const double> numbers, int& best_rank)
{
  TuningReport report;
  constexpr std::size_t head = 4;
  if (numbers.size() < head) throw Error{"a tuning's report is not whole"};
  best_rank = static_cast<int>(numbers[0]);
  report.records.resize(static_cast<std::size_t>(numbers[1]));
  report.values.resize(static_cast<std::size_t>(numbers[2]));
  report.use.resize(static_cast<std::size_t>(numbers[3]));
  std::size_t at = head;
  visit(report, [&](auto& number) {
    if (at >= numbers.size()) throw Error{"a tuning's report is not whole"};
    using Number = std::remove_reference_t<decltype(number)>;
    if constexpr (std::is_enum_v<Number>)
      number = static_cast<Number>(static_cast<int>(numbers[at++]));
    else
      number = static_cast<Number>(numbers[at++]);
  });
  return report;
}

void leave_behind(const TuningReport& report, const Settings& settings, const std::string& folder)
{
  if (folder.empty() || report.records.empty()) return;
  const auto path = std::filesystem::path(folder) / ("tuning-" + settings.name + ".h5");
  try {
    std::filesystem::create_directories(folder);
    Archive archive{MPI_COMM_SELF, path.string(), Archive::Mode::create};
    write_all(archive, report, settings);
    archive.close();
  } catch (const std::exception& error) {
    log(fmt::format("the records of tuning '{}' are not kept: {}", settings.name, error.what()));
  }
}

}  // namespace cardan::tuning
