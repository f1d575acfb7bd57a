#include "cole_hopf.hpp"
#include "functions.hpp"
#include "report.hpp"

#include <cardan/archive.hpp>

#include <fmt/format.h>

namespace adapt {

namespace {

/// A series of one member of each element; nothing where there are none.
template <class Value, class Items, class Of>
void column(cardan::Archive& archive, const std::string& name, const Items& items, Of&& of)
{
  if (items.empty()) return;
  std::vector<Value> values;
  values.reserve(items.size());
  for (const auto& item : items) values.push_back(static_cast<Value>(of(item)));
  archive.series(name, values);
}

void write_records(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  const auto& records = episode.report.records;
  const auto integers = [&](const char* key, auto of) {
    column<std::int64_t>(archive, fmt::format("{}/records/{}", name, key), records, of);
  };
  integers("trial", [](const auto& r) { return r.trial; });
  integers("rung", [](const auto& r) { return r.rung; });
  integers("epochs", [](const auto& r) { return r.epochs; });
  integers("piece", [](const auto& r) { return r.piece; });
  integers("cause", [](const auto& r) { return static_cast<int>(r.cause); });
  integers("verdict", [](const auto& r) { return static_cast<int>(r.verdict); });
  integers("from", [](const auto& r) { return r.from; });
  integers("ranks", [](const auto& r) { return r.ranks; });
  integers("rank", [](const auto& r) { return r.rank; });
  integers("total_epochs", [](const auto& r) { return r.total_epochs; });
  const std::string at = name + "/records/";
  column<double>(archive, at + "loss", records, [](const auto& r) { return r.loss; });
  column<double>(archive, at + "seconds", records, [](const auto& r) { return r.seconds; });
  const auto bests = bests_of(episode);
  const std::string best = name + "/best/";
  column<double>(archive, best + "seconds", bests, [](const auto& b) { return b.seconds; });
  column<std::int64_t>(archive, best + "epochs", bests, [](const auto& b) { return b.epochs; });
  column<double>(archive, best + "loss", bests, [](const auto& b) { return b.loss; });
  column<double>(archive, best + "regret", bests, [](const auto& b) { return b.regret; });
  const auto& use = episode.report.use;
  column<double>(archive, name + "/use/seconds", use, [](const auto& u) { return u.seconds; });
  column<std::int64_t>(archive, name + "/use/simulating", use,
                       [](const auto& u) { return u.simulating; });
  column<std::int64_t>(archive, name + "/use/training", use,
                       [](const auto& u) { return u.training; });
  if (!episode.report.values.empty()) archive.series(name + "/values", episode.report.values);
}

void write_shock(cardan::Archive& archive, const std::string& name, const ShockCheck& shock)
{
  archive.series(name + "/time", shock.times);
  archive.series(name + "/slope", shock.slopes);
  archive.series(name + "/exact_slope", shock.exact_slopes);
  archive.series(name + "/x", shock.x);
  archive.series(name + "/profile_time", shock.profile_times);
  archive.series(name + "/profile", shock.profiles);
  archive.series(name + "/exact_profile", shock.exact_profiles);
}

void write_run(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  const auto& report = episode.report;
  // The group exists from its first series on.
  archive.series(name + "/best_trial", std::vector<std::int64_t>{report.best});
  write_records(archive, name, episode);
  if (episode.shock) write_shock(archive, name + "/shock", *episode.shock);
  std::string names;
  for (const auto& one : episode.names) names += one + "\n";
  archive.text(name + "/names", names);
  archive.attribute(name, "seed", episode.plan.seed);
  archive.attribute(name, "epochs_to_target", report.epochs_to_target);
  archive.attribute(name, "seconds_to_target", report.seconds_to_target);
  archive.attribute(name, "total_epochs", report.total_epochs);
  archive.attribute(name, "wall_seconds", report.wall);
  archive.attribute(name, "killed_fraction", report.killed_fraction);
  archive.attribute(name, "training", report.training);
  archive.attribute(name, "simulating", report.simulating);
  archive.attribute(name, "waiting", report.waiting);
  archive.attribute(name, "moves", report.moves);
  archive.attribute(name, "simulation_ranks", static_cast<std::int64_t>(episode.simulation_ranks));
  archive.attribute(name, "session", episode.plan.folder);
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  archive.attribute("/", "published_slope", published_slope);
  archive.attribute("/", "published_pi_time", published_pi_time);
  for (const auto& episode : results.episodes)
    write_run(archive,
              fmt::format("runs/{}/{}/seed_{}", episode.plan.task, episode.plan.method,
                          episode.plan.seed),
              episode);
  archive.close();
}

}  // namespace adapt
