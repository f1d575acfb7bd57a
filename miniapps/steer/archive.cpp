#include "report.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace steer {

namespace {

/// More are of no use to a picture.
constexpr std::size_t most_frames = 20000;
constexpr std::size_t most_latencies = 20000;

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

void write_map(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  const std::size_t frames = std::min(episode.frames.size(), most_frames);
  if (frames == 0) return;
  const std::vector<FrameNote> kept(episode.frames.begin(),
                                    episode.frames.begin() + static_cast<std::ptrdiff_t>(frames));
  column<std::int64_t>(archive, name + "/member", kept, [](const auto& f) { return f.member; });
  column<std::int64_t>(archive, name + "/segment", kept, [](const auto& f) { return f.segment; });
  column<std::int64_t>(archive, name + "/state", kept, [](const auto& f) { return f.state; });
  const auto rows = static_cast<std::int64_t>(frames);
  const cardan::Extents shape{rows, episode.descriptor_size};
  archive.write(name + "/descriptor",
                cardan::Field{episode.descriptors.data(), shape}.in({shape, {0, 0}, shape}));
  const auto& restarts = episode.restarts;
  const std::string at = name + "/restarts";
  column<std::int64_t>(archive, at + "/member", restarts, [](const auto& r) { return r.member; });
  column<std::int64_t>(archive, at + "/segment", restarts, [](const auto& r) { return r.segment; });
  column<std::int64_t>(archive, at + "/from_member", restarts,
                       [](const auto& r) { return r.from_member; });
  column<std::int64_t>(archive, at + "/from_segment", restarts,
                       [](const auto& r) { return r.from_segment; });
  column<std::int64_t>(archive, at + "/version", restarts, [](const auto& r) { return r.version; });
}

void write_decisions(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  if (episode.ages.empty()) return;
  const auto oldest = *std::max_element(episode.ages.begin(), episode.ages.end());
  std::vector<std::int64_t> counts(static_cast<std::size_t>(std::max<std::int64_t>(oldest, 0)) + 1);
  for (const auto age : episode.ages)
    ++counts[static_cast<std::size_t>(std::max<std::int64_t>(age, 0))];
  archive.series(name + "/age_counts", counts);
  if (episode.latency.empty()) return;
  const std::size_t every = std::max<std::size_t>(1, episode.latency.size() / most_latencies);
  std::vector<double> latency;
  std::vector<double> work;
  for (std::size_t i = 0; i < episode.latency.size(); i += every) {
    latency.push_back(1e6 * episode.latency[i]);
    work.push_back(1e6 * episode.work[i]);
  }
  archive.series(name + "/latency_us", latency);
  archive.series(name + "/work_us", work);
}

void write_run(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  const auto& found = episode.sums.found;
  // The curve begins with nothing found.
  std::vector<std::int64_t> state{-1};
  std::vector<double> time{0};
  std::vector<double> wall{0};
  for (const auto& one : found) {
    state.push_back(one.state);
    time.push_back(one.time);
    wall.push_back(one.wall);
  }
  archive.series(name + "/found_state", state);
  archive.series(name + "/found_time", time);
  archive.series(name + "/found_seconds", wall);
  archive.attribute(name, "seed", episode.plan.seed);
  archive.attribute(name, "temperature", episode.plan.system.temperature);
  archive.attribute(name, "covered", static_cast<std::int64_t>(episode.coverage_time ? 1 : 0));
  archive.attribute(name, "simulated_time", episode.sums.time);
  archive.attribute(name, "wall_seconds", episode.sums.seconds);
  archive.attribute(name, "session", episode.plan.folder);
  write_decisions(archive, name, episode);
  write_map(archive, name + "/map", episode);
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  const Episode& first = results.episodes.front();
  archive.attribute("/", "system", first.plan.system.name);
  archive.attribute("/", "target", first.plan.system.target);
  archive.attribute("/", "temperature", first.plan.system.temperature);
  archive.attribute("/", "budget", first.plan.budget);
  archive.attribute("/", "states", static_cast<std::int64_t>(first.states.size()));
  archive.attribute("/", "members", static_cast<std::int64_t>(first.members));
  std::string states;
  for (const auto& state : first.states) states += state + "\n";
  archive.text("text/states", states);
  for (const auto& episode : results.episodes) {
    std::string name = episode.plan.method;
    if (results.report == "temperature")
      name = fmt::format("temperature_{}/{}", episode.plan.system.temperature, name);
    write_run(archive, fmt::format("runs/{}/seed_{}", name, episode.plan.seed), episode);
  }
  archive.close();
}

}  // namespace steer
