#include "couplers/ensemble/chronicle.hpp"

#include "couplers/ensemble/mind.hpp"
#include "support/log.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>

namespace cardan::ensemble {

namespace {

constexpr std::size_t most = 100000;
/// Numbers of all descriptors of restarts: 32 MB.
constexpr std::size_t most_numbers = 4000000;

/// A table of `columns` numbers a row.
void write_rows(Archive& archive, const std::string& name, const std::vector<double>& rows,
                std::size_t columns)
{
  const Extents shape{static_cast<std::int64_t>(rows.size() / columns),
                      static_cast<std::int64_t>(columns)};
  archive.write(name, Field{rows.data(), shape}.in({shape, {0, 0}, shape}));
}

/// Where descriptors lie for the newest model.
class Places {
 public:
  explicit Places(Mind& mind)
      : mind_(mind), embeds_(mind.embedding && mind.version() > 0 && mind.embedding->numbers() > 0)
  {}
  [[nodiscard]] const char* space() const { return embeds_ ? "latent" : "descriptor"; }
  void write(Archive& archive, const std::string& name, const std::vector<double>& descriptors)
  {
    if (embeds_)
      write_rows(archive, name, mind_.embedding->embed(descriptors), mind_.embedding->numbers());
    else
      write_rows(archive, name, descriptors, mind_.window.dimension());
    archive.attribute(name, "space", std::string(space()));
  }

 private:
  Mind& mind_;
  bool embeds_;
};

void write_frames(Archive& archive, Mind& mind, Places& places)
{
  const Window& window = mind.window;
  std::vector<std::int64_t> members;
  std::vector<std::int64_t> segments;
  std::vector<double> descriptors;
  for (std::int64_t id = window.oldest(); id < window.next(); ++id) {
    const Frame& frame = window.at(window.slot(id));
    members.push_back(frame.member);
    segments.push_back(frame.segment);
    const auto descriptor = window.descriptor(id);
    descriptors.insert(descriptors.end(), descriptor.begin(), descriptor.end());
  }
  archive.series("frames/member", members);
  archive.series("frames/segment", segments);
  places.write(archive, "frames/latent", descriptors);
  if (mind.settings.mode != Mode::novelty || !mind.ready()) return;
  mind.absorb();
  const auto by_slot = mind.judge.scores();
  std::vector<double> scores;
  for (std::int64_t id = window.oldest(); id < window.next(); ++id)
    scores.push_back(by_slot[window.slot(id)]);
  archive.series("frames/score", scores);
}

void write_all(Archive& archive, Mind& mind)
{
  const Chronicle& chronicle = mind.chronicle;
  archive.attribute("/", "ensemble", mind.settings.name);
  archive.attribute("/", "members", static_cast<std::int64_t>(mind.settings.members));
  archive.attribute("/", "version", static_cast<std::int64_t>(mind.version()));
  archive.attribute("/", "losses_left_out", chronicle.losses_left_out);
  archive.attribute("/", "restarts_left_out", chronicle.restarts_left_out);
  archive.series("loss", chronicle.losses);
  archive.series("loss_step", chronicle.steps);
  archive.series("loss_version", chronicle.versions);
  Places places{mind};
  write_frames(archive, mind, places);
  archive.series("restarts/member", chronicle.member);
  archive.series("restarts/segment", chronicle.segment);
  archive.series("restarts/from_member", chronicle.from_member);
  archive.series("restarts/from_segment", chronicle.from_segment);
  archive.series("restarts/version", chronicle.version);
  places.write(archive, "restarts/latent", chronicle.descriptors);
}

}  // namespace

Chronicle::Chronicle(std::size_t dimension)
    : most_restarts_(std::min(most, most_numbers / dimension))
{}

void Chronicle::learned(std::int64_t step, std::uint32_t version_now, double loss)
{
  if (!std::isfinite(loss)) return;
  if (losses.size() == most) {
    ++losses_left_out;
    return;
  }
  losses.push_back(loss);
  steps.push_back(step);
  versions.push_back(version_now);
}

void Chronicle::sent(const Restart& restart)
{
  if (member.size() >= most_restarts_) {
    ++restarts_left_out;
    return;
  }
  member.push_back(restart.member);
  segment.push_back(restart.segment);
  from_member.push_back(restart.from_member);
  from_segment.push_back(restart.from_segment);
  version.push_back(restart.version);
  descriptors.insert(descriptors.end(), restart.descriptor.begin(), restart.descriptor.end());
}

void leave_behind(Mind& mind, const std::string& folder)
{
  if (folder.empty() || mind.window.next() == 0) return;
  const auto path = std::filesystem::path(folder) / ("ensemble-" + mind.settings.name + ".h5");
  try {
    std::filesystem::create_directories(folder);
    Archive archive{MPI_COMM_SELF, path.string(), Archive::Mode::create};
    write_all(archive, mind);
    archive.close();
  } catch (const std::exception& error) {
    log(fmt::format("what ensemble '{}' learned is not kept: {}", mind.settings.name,
                    error.what()));
  }
}

}  // namespace cardan::ensemble
