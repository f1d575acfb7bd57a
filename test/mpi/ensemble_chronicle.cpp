// What an ensemble with a model leaves behind: losses, and where frames and restarts lie.
#include "support/brain.hpp"
#include "support/splitmix.hpp"

#include <cardan/archive.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

using namespace cardan;
using cardan::Random;
using test::Bench;
using test::Sent;

namespace {

template <class Number>
std::vector<Number> all(Archive& archive, const std::string& name)
{
  const Extents shape = archive.shape(name);
  std::vector<Number> values(static_cast<std::size_t>(shape.product()));
  const Extents none = Extents::filled(shape.rank(), 0);
  archive.read(name, Field{values.data(), shape}.in({shape, none, shape}));
  return values;
}

/// Random walks for so many segments; the restarts.
std::vector<Sent> walk(Bench& bench, std::int64_t segments)
{
  Random random(5);
  std::vector<double> x(4);
  std::vector<Sent> restarts;
  for (std::int64_t segment = 1; segment <= segments; ++segment) {
    for (std::size_t m = 0; m < 4; ++m) {
      x[m] += random.uniform() - 0.5;
      bench.tell({static_cast<int>(m), segment, {x[m], std::sin(x[m]), std::cos(x[m])}, {x[m]}});
    }
    for (const Sent& one : bench.taken()) {
      if (one.action != MemberDecision::Action::restart) continue;
      x[static_cast<std::size_t>(one.member)] = one.state[0];
      restarts.push_back(one);
    }
  }
  return restarts;
}

}  // namespace

TEST_CASE("losses of each training, and restarts where the newest model sees their frames")
{
  const std::string folder = "ensemble_chronicle_folder";
  std::filesystem::remove_all(folder);
  Bench bench(
      "members = 4\nbarrier = true\nwindow = 300\nspace = \"latent\"\n"
      "model = { kind = \"autoencoder\", hidden = [16], latent = 2 }\n"
      "retrain = { every = 100, warmup = 100, first = 50, steps = 20, batch = 32 }\n",
      {3, 1}, 1);
  DeciderPlace place;
  place.name = "water";
  place.quiet = true;
  bench.brain = ensemble::make_brain(bench.file, bench.settings, bench.shape, place, folder);
  const auto restarts = walk(bench, 100);
  bench.brain->end();
  {
    Archive archive{MPI_COMM_SELF, folder + "/ensemble-water.h5", Archive::Mode::read};
    CHECK(all<std::int64_t>(archive, "loss_step") == std::vector<std::int64_t>{50, 70, 90, 110});
    CHECK(all<std::int64_t>(archive, "loss_version") == std::vector<std::int64_t>{1, 2, 3, 4});
    for (const double loss : all<double>(archive, "loss")) CHECK((loss > 0 && loss < 10));

    const auto member = all<std::int64_t>(archive, "frames/member");
    const auto segment = all<std::int64_t>(archive, "frames/segment");
    const auto latent = all<double>(archive, "frames/latent");
    REQUIRE(archive.shape("frames/latent") == Extents{300, 2});
    CHECK(archive.shape("frames/score") == Extents{300});
    // The window is the newest 300 of 400 frames.
    CHECK(segment.front() == 26);
    CHECK(segment.back() == 100);
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> rows;
    for (std::size_t row = 0; row < member.size(); ++row) rows[{member[row], segment[row]}] = row;

    const auto from_member = all<std::int64_t>(archive, "restarts/from_member");
    const auto from_segment = all<std::int64_t>(archive, "restarts/from_segment");
    const auto origins = all<double>(archive, "restarts/latent");
    REQUIRE(from_member.size() == restarts.size());
    std::size_t found = 0;
    for (std::size_t i = 0; i < restarts.size(); ++i) {
      CHECK(from_member[i] == restarts[i].from_member);
      CHECK(from_segment[i] == restarts[i].from_segment);
      const auto row = rows.find({from_member[i], from_segment[i]});
      if (row == rows.end()) continue;
      ++found;
      for (std::size_t d = 0; d < 2; ++d)
        CHECK(origins[2 * i + d] == doctest::Approx(latent[2 * row->second + d]));
    }
    CHECK(found > 10);
    archive.close();
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a file that cannot be written is no error")
{
  Bench bench("members = 4\nbarrier = true\n", {3, 1}, 1);
  DeciderPlace place;
  place.name = "water";
  place.quiet = true;
  bench.brain =
      ensemble::make_brain(bench.file, bench.settings, bench.shape, place, "/proc/no/such");
  walk(bench, 3);
  CHECK_NOTHROW(bench.brain->end());
}
