// What a run left in its file comes back as samples, each on one rank.
#include "couplers/closure/recorded.hpp"

#include <cardan/archive.hpp>
#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <doctest/doctest.h>
#include <mpi.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

using cardan::Archive;
using cardan::Box;
using cardan::Config;
using cardan::Dtype;
using cardan::Extents;
using cardan::Field;
using cardan::Signature;
using cardan::closure::Columns;
using cardan::closure::Recorded;
using cardan::closure::RecordedSettings;

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t steps = 5;
constexpr std::int64_t cells = 7;
constexpr std::int64_t all = steps * cells;

/// Sample i has state (3 i, 3 i + 1, 3 i + 2), kind i and flow -i.
class File {
 public:
  File()
  {
    std::string name = (fs::temp_directory_path() / "cardan-recorded-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    Archive archive(MPI_COMM_WORLD, path(), Archive::Mode::create);
    std::vector<double> state(3 * all);
    std::iota(state.begin(), state.end(), 0.0);
    std::vector<std::int32_t> kind(all);
    std::iota(kind.begin(), kind.end(), 0);
    std::vector<double> flow(all);
    for (std::int64_t i = 0; i < all; ++i)
      flow[static_cast<std::size_t>(i)] = -static_cast<double>(i);
    write(archive, "steps/state", state.data(), {steps, cells, 3});
    write(archive, "steps/kind", kind.data(), {steps, cells});
    write(archive, "steps/flow", flow.data(), {steps, cells, 1});
    write(archive, "steps/short", flow.data(), {steps - 1, cells, 1});
    write(archive, "rows/state", state.data(), {all, 3});
    write(archive, "rows/flow", flow.data(), {all, 1});
    write(archive, "volume/state", state.data(), {steps, 7, 1, 3});
    write(archive, "volume/flow", flow.data(), {steps, 7, 1, 1});
    archive.text("steps/note", "no numbers");
    // As a decision log has them: every third sample is the solver's.
    std::vector<std::uint8_t> source(all);
    for (std::size_t i = 0; i < source.size(); ++i) source[i] = i % 3 == 0 ? 2 : i % 3 == 1 ? 1 : 0;
    write(archive, "log/samples/state", state.data(), {all, 3});
    write(archive, "log/samples/flow", flow.data(), {all, 1});
    write(archive, "log/source", source.data(), {all});
    archive.attribute("/", "format", "cardan-decisions");
    archive.close();
  }
  ~File() { fs::remove_all(folder_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] std::string path() const { return (folder_ / "run.h5").string(); }

 private:
  template <class T>
  static void write(Archive& archive, const std::string& name, T* data, const Extents& shape)
  {
    const Extents origin = Extents::filled(shape.rank(), 0);
    archive.write(name, Field{data, shape}.in(Box{shape, origin, shape}));
  }
  fs::path folder_;
};

const Signature signature{{{"state", Dtype::float32, {3}}, {"kind", Dtype::uint8, {}}},
                          {{"flow", Dtype::float64, {1}}}};
const Signature plain{{{"state", Dtype::float64, {3}}}, {{"flow", Dtype::float64, {1}}}};

RecordedSettings settings(const File& file, const std::string& group, std::int64_t chunk = 4096)
{
  RecordedSettings made;
  made.file = file.path();
  made.group = group;
  made.chunk = chunk;
  return made;
}

/// The message of what is thrown; empty where nothing.
template <class Work>
std::string message(Work&& work)
{
  try {
    work();
  } catch (const cardan::Error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every sample is read once, typed, whatever the chunks and ranks")
{
  const File file;
  for (const int ranks : {1, 2, 3, 5, 7, 40}) {
    for (const std::int64_t chunk : {1, 4, 7, 16, 100}) {
      CAPTURE(ranks);
      CAPTURE(chunk);
      std::int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        Recorded recorded{settings(file, "steps", chunk), signature, rank, ranks};
        Columns inputs{signature.inputs};
        Columns targets{signature.outputs};
        const std::int64_t begin = next;
        while (recorded.next(inputs, targets)) {
          REQUIRE(inputs.count() <= chunk);
          const auto* state = reinterpret_cast<const float*>(inputs.batch().columns[0]);
          const auto* kind = reinterpret_cast<const std::uint8_t*>(inputs.batch().columns[1]);
          const auto* flow = reinterpret_cast<const double*>(targets.batch().columns[0]);
          for (std::int64_t r = 0; r < inputs.count(); ++r, ++next) {
            for (std::int64_t i = 0; i < 3; ++i)
              REQUIRE(state[3 * r + i] == static_cast<float>(3 * next + i));
            REQUIRE(kind[r] == next);
            REQUIRE(flow[r] == -static_cast<double>(next));
            REQUIRE(recorded.step(r) == next / cells);
          }
        }
        CHECK(inputs.count() == 0);
        CHECK(recorded.size() == next - begin);
        CHECK(recorded.size() >= all / ranks);
        CHECK(recorded.size() <= all / ranks + 1);
        recorded.rewind();
        CHECK(recorded.next(inputs, targets) == (recorded.size() > 0));
      }
      CHECK(next == all);
    }
  }
}

TEST_CASE("samples without steps, and over a grid")
{
  const File file;
  for (const std::string group : {"rows", "volume"}) {
    CAPTURE(group);
    Recorded recorded{settings(file, group, 10), plain, 0, 1};
    Columns inputs{plain.inputs};
    Columns targets{plain.outputs};
    std::int64_t next = 0;
    while (recorded.next(inputs, targets)) {
      const auto* state = reinterpret_cast<const double*>(inputs.batch().columns[0]);
      const auto* flow = reinterpret_cast<const double*>(targets.batch().columns[0]);
      for (std::int64_t r = 0; r < inputs.count(); ++r, ++next) {
        REQUIRE(state[3 * r + 2] == static_cast<double>(3 * next + 2));
        REQUIRE(flow[r] == -static_cast<double>(next));
        REQUIRE(recorded.step(r) == (group == "rows" ? 0 : next / cells));
      }
    }
    CHECK(next == all);
  }
}

TEST_CASE("the file tells the signature")
{
  const File file;
  RecordedSettings made = settings(file, "steps");
  made.layout = RecordedSettings::Layout::steps;
  const Signature found = cardan::closure::recorded_signature(made, {"state", "kind"}, {"flow"});
  REQUIRE(found.inputs.size() == 2);
  CHECK(found.inputs[0].name == "state");
  CHECK(found.inputs[0].dtype == Dtype::float64);
  CHECK(found.inputs[0].shape == std::vector<std::int64_t>{3});
  CHECK(found.inputs[1].dtype == Dtype::int32);
  CHECK(found.inputs[1].shape.empty());
  CHECK(found.outputs[0].shape == std::vector<std::int64_t>{1});
}

TEST_CASE("what does not fit is an error that names file, dataset and both shapes")
{
  const File file;
  const auto opening = [&](const std::string& group, const Signature& wanted) {
    return message([&] { Recorded{settings(file, group), wanted, 0, 1}; });
  };
  CHECK(opening("steps", plain).empty());
  const std::string shape =
      opening("steps", {{{"state", Dtype::float64, {4}}}, {{"flow", Dtype::float64, {1}}}});
  CHECK(contains(shape, "'steps/state' of '" + file.path() + "'"));
  CHECK(contains(shape, "its shape is (5, 7, 3), expected is (samples, 4) or (steps, samples, 4)"));
  const std::string counts =
      opening("steps", {{{"state", Dtype::float64, {3}}}, {{"short", Dtype::float64, {1}}}});
  CHECK(contains(counts, "'steps/short'"));
  CHECK(contains(counts, "(4, 7), those of 'steps/state' are (5, 7)"));
  const Signature integer{{{"state", Dtype::int32, {3}}}, {{"flow", Dtype::float64, {1}}}};
  CHECK(contains(opening("steps", integer), "it holds float64, expected is int32"));
  CHECK(contains(opening("nowhere", plain), "'nowhere/state'"));
  CHECK(contains(opening("steps", {{{"note", Dtype::int32, {}}}, {}}), "no numbers"));

  RecordedSettings missing = settings(file, "steps");
  missing.file += ".gone";
  CHECK(contains(message([&] { Recorded{missing, plain, 0, 1}; }), "there is no such file"));
  std::ofstream(missing.file) << "no HDF5";
  CHECK(contains(message([&] { Recorded{missing, plain, 0, 1}; }), "Is it an HDF5 file?"));
  fs::remove(missing.file);
}

TEST_CASE("the run file's table")
{
  const Config table =
      Config::from_text("offline = { file = 'a.h5', group = 'b/c', layout = 'steps', chunk = 9 }",
                        "test.toml")
          .table("offline");
  const RecordedSettings read = cardan::closure::read_recorded(table);
  table.reject_unknown();
  CHECK(read.file == "a.h5");
  CHECK(read.group == "b/c");
  CHECK(read.layout == RecordedSettings::Layout::steps);
  CHECK(read.chunk == 9);
  CHECK(contains(
      message([] {
        cardan::closure::read_recorded(
            Config::from_text("offline = { file = 'a', chunk = 0 }", "t").table("offline"));
      }),
      "chunk = 0 (must be positive)"));
}

TEST_CASE("of a decision log only what the solver computed is learned from")
{
  const File file;
  for (const int ranks : {1, 2, 5}) {
    for (const std::int64_t chunk : {1, 2, 4, 100}) {
      std::int64_t found = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        Recorded recorded{settings(file, "log/samples", chunk), plain, rank, ranks};
        Columns inputs{plain.inputs};
        Columns targets{plain.outputs};
        while (recorded.next(inputs, targets)) {
          REQUIRE(inputs.count() > 0);
          REQUIRE(inputs.count() == targets.count());
          const auto* state = reinterpret_cast<const double*>(inputs.batch().columns[0]);
          const auto* flow = reinterpret_cast<const double*>(targets.batch().columns[0]);
          for (std::int64_t r = 0; r < inputs.count(); ++r, found += 3) {
            REQUIRE(state[3 * r + 2] == static_cast<double>(3 * found + 2));
            REQUIRE(flow[r] == -static_cast<double>(found));
          }
        }
      }
      CHECK(found == (all + 2) / 3 * 3);
    }
  }
}
