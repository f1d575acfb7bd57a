/// A surrogate that is trained and checkpointed, and what two of its checkpoints have in common.
#pragma once

#include "checkpoint/reader.hpp"
#include "support/goes_on.hpp"
#include "support/run_file.hpp"
#include "support/sha256.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace test {

namespace fs = std::filesystem;
using cardan::State;
using cardan::checkpoint::Reader;

struct Kind {
  std::string model;
  std::string training;
};
inline const std::vector<Kind> kinds{
    {"kind = \"mlp\", hidden = [8], members = 2",
     "buffer = { kind = \"reservoir\", capacity = 300 }\n"},
    {"kind = \"mlp\", hidden = [8]",
     "optimizer = { kind = \"sgd\", rate = 1e-3, momentum = 0.9 }\n"
     "buffer = { kind = \"threshold\", capacity = 120, least = 2 }\n"},
    {"kind = \"linear\"", "buffer = { kind = \"fifo\", capacity = 90 }\n"},
};

/// `rests`: training has no more to do than was done before, on whatever ranks.
inline std::string run_file(const Kind& kind, int ml, const std::string& folder, bool rests)
{
  const std::string work = rests ? "passes = 0.001\npublish = { every = 5, samples = 100000 }\n"
                                 : "passes = 4\npublish = { every = 5, samples = 50 }\n";
  return quiet_run(ml) + "[checkpoint]\nfile = \"" + folder +
         "/run.h5\"\nkeep = 1000\nat_end = false\n[surrogate.a]\ninputs = [\"x\"]\noutputs = "
         "[\"y\"]\nlate = \"wait\"\nmodel = { " +
         kind.model +
         " }\ntrust = { gate = \"none\", distance = 0.99 }\n[training.a]\nbatch = 32\n" +
         "warmup = 32\nranks = " + std::to_string(ml) + "\n" + work + kind.training;
}

inline std::string newest(const std::string& folder)
{
  std::string found;
  for (const auto& each : fs::directory_iterator(folder))
    if (each.path().extension() == ".h5" && !each.is_symlink())
      found = std::max(found, each.path().string());
  return found;
}

/// Everything of the model that is numbers.
inline State model_in(const std::string& path)
{
  const Reader reader{path};
  State state;
  for (const char* group : {"learner", "ranks", "buffer", "held_out", "training"})
    state.put(group, reader.state(std::string("models/a/") + group));
  for (const char* name : {"version", "trained_steps", "step"})
    state.put(name, reader.integer(std::string("models/a/") + name));
  return state;
}

/// The samples, sorted.
inline std::vector<std::vector<double>> samples(const State& model, const std::string& buffer)
{
  const auto& x = model.array(buffer + "/x");
  const auto& y = model.array(buffer + "/y");
  std::vector<std::vector<double>> all;
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    const auto* in = reinterpret_cast<const double*>(x.data.data()) + 2 * i;
    const auto* out = reinterpret_cast<const double*>(y.data.data()) + i;
    all.push_back({in[0], in[1], *out});
  }
  std::sort(all.begin(), all.end());
  return all;
}

inline std::int64_t sum(const State& model, const std::string& name, std::int64_t column = 0,
                        std::int64_t width = 1)
{
  const auto& array = model.array(name);
  const auto* numbers = reinterpret_cast<const std::int64_t*>(array.data.data());
  std::int64_t added = 0;
  for (std::int64_t i = column; i < array.numbers(); i += width) added += numbers[i];
  return added;
}

inline void compare(const std::string& first, const std::string& second, bool same_ranks)
{
  const Reader a{first};
  const Reader b{second};
  for (const char* text : {"hash", "kind", "signature"})
    CHECK(a.text(std::string("models/a/") + text) == b.text(std::string("models/a/") + text));
  std::vector<double> published(static_cast<std::size_t>(a.shape("models/a/published").at(0)));
  a.read("models/a/published", cardan::Field{published});
  CHECK(a.text("models/a/hash") ==
        cardan::sha256(published.data(), published.size() * sizeof(double)));
  const State before = model_in(first);
  const State after = model_in(second);
  if (same_ranks) {
    cardan::test::check_same(before, after);
    return;
  }
  cardan::test::check_same(before.group("learner"), after.group("learner"));
  cardan::test::check_same(before.group("training"), after.group("training"));
  for (const char* buffer : {"buffer", "held_out"}) {
    const auto all = samples(before, buffer);
    const auto kept = samples(after, buffer);
    const std::string own = std::string("ranks/") + buffer;
    // All, or as many as there is room for: those that are lost are counted.
    const auto room = sum(after, own + "/capacity");
    CHECK(std::includes(all.begin(), all.end(), kept.begin(), kept.end()));
    CHECK(std::ssize(kept) == std::min(room, std::ssize(all)));
    const std::int64_t lost = std::ssize(all) - std::ssize(kept);
    for (std::int64_t i = 0; i < 4; ++i)
      CHECK(sum(before, own + "/counters", i, 4) + (i == 2 ? lost : 0) ==
            sum(after, own + "/counters", i, 4));
    // Evenly.
    const auto sizes = after.integers(std::string("ranks/samples_") + buffer);
    CHECK(*std::max_element(sizes.begin(), sizes.end()) -
              *std::min_element(sizes.begin(), sizes.end()) <=
          1);
  }
  for (const char* name : {"ranks/arrived", "ranks/published_samples"})
    CHECK(sum(before, name) == sum(after, name));
}

}  // namespace test
