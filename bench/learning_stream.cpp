// Learning beside a stream that moves against learning from a recording of it, in equal time. The
// clock counts optimiser steps: in each of its ticks the stream brings the same number of samples,
// and a learner that has any takes one step. So the figures are the same on any machine.

#include "couplers/closure/buffer.hpp"
#include "drift.hpp"
#include "ml_reports.hpp"
#include "registry.hpp"
#include "statistics.hpp"
#include "table.hpp"
#include "team.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace bench {

namespace {

namespace closure = cardan::closure;
using Kind = closure::BufferSettings::Kind;

/// Samples side by side in memory.
struct Samples {
  std::vector<double> x;
  std::vector<double> y;

  [[nodiscard]] std::int64_t count() const
  {
    return static_cast<std::int64_t>(x.size()) / Drift::in;
  }
  /// From time `begin` to `end`, evenly.
  static Samples make(std::int64_t count, double begin, double end, std::uint64_t seed)
  {
    std::mt19937_64 random{seed};
    Samples samples;
    for (std::int64_t i = 0; i < count; ++i)
      Drift::draw(begin + (end - begin) * static_cast<double>(i) / static_cast<double>(count),
                  random, samples.x, samples.y);
    return samples;
  }
};

/// A part of them, as a learner wants it.
class Part {
 public:
  Part(const Samples& samples, std::int64_t first, std::int64_t count)
      : count_(count),
        x_(reinterpret_cast<const std::byte*>(samples.x.data() + first * Drift::in)),
        y_(reinterpret_cast<const std::byte*>(samples.y.data() + first * Drift::out))
  {}
  [[nodiscard]] cardan::Batch inputs() const { return {count_, &x_}; }
  [[nodiscard]] cardan::Batch targets() const { return {count_, &y_}; }

 private:
  std::int64_t count_;
  const std::byte* x_;
  const std::byte* y_;
};

struct Clock {
  std::int64_t ticks = 6000;
  std::int64_t arrivals = 8;
  std::int64_t batch = 64;
  std::int64_t capacity = 2000;
};

/// Who learns, and how: from a buffer, or, for the rest of the time, from what was recorded for a
/// `share` of it.
struct Way {
  std::string name;
  std::optional<Kind> buffer;
  double share = 0;
  bool shuffled = true;
};
const std::vector<Way> ways{{"reservoir", Kind::reservoir},
                            {"threshold", Kind::threshold},
                            {"fifo", Kind::fifo},
                            {"offline 1/2 shuffled", {}, 0.5, true},
                            {"offline 1/2 in order", {}, 0.5, false},
                            {"offline 9/10 shuffled", {}, 0.9, true}};
constexpr std::size_t reference = 3;

class Student {
 public:
  explicit Student(std::uint64_t seed) : inputs_(signature().inputs), targets_(signature().outputs)
  {
    const auto table = cardan::Config::from_text(
        "[model]\nhidden = [48, 48]\nmembers = 1\n[training]\nlast_layer = \"gradient\"\n"
        "optimizer = { kind = \"adam\", rate = 2e-3, average = 0.99 }\n",
        "bench.toml");
    auto& module = cardan::module_for(table.table("model"));
    module.warm_up(1);
    learner_ =
        module.learner(table.table("model"), table.table("training"), signature(), {seed, 0, 1});
  }
  static cardan::Signature signature()
  {
    return {{{"x", cardan::Dtype::float64, {Drift::in}}},
            {{"y", cardan::Dtype::float64, {Drift::out}}}};
  }

  void see(const Part& part) { learner_->see(part.inputs(), part.targets()); }
  void normalise() { learner_->normalise(learner_->tally()); }

  void learn_from(closure::Buffer& buffer, std::int64_t batch)
  {
    buffer.draw(batch, inputs_, targets_);
    learn(inputs_.batch(), targets_.batch());
  }
  void learn(const cardan::Batch& inputs, const cardan::Batch& targets)
  {
    const auto evaluate = [&] {
      return learner_->differentiate(inputs, targets, 1, [](std::size_t) {});
    };
    learner_->step(evaluate(), evaluate);
    // As often as a publication would.
    if (++steps_ % 50 == 0) normalise();
  }

  /// The error's root mean square over that of the targets about their mean.
  double error(const Samples& test)
  {
    static_cast<void>(learner_->settling_sums({}, {}));
    learner_->settle({});
    std::vector<double> answers(test.y.size());
    auto* column = reinterpret_cast<std::byte*>(answers.data());
    const Part all{test, 0, test.count()};
    learner_->predict(all.inputs(), {&column, nullptr});
    double off = 0;
    double size = 0;
    for (std::int64_t j = 0; j < Drift::out; ++j) {
      double mean = 0;
      for (auto i = static_cast<std::size_t>(j); i < test.y.size(); i += Drift::out)
        mean += test.y[i] / static_cast<double>(test.count());
      for (auto i = static_cast<std::size_t>(j); i < test.y.size(); i += Drift::out) {
        off += (answers[i] - test.y[i]) * (answers[i] - test.y[i]);
        size += (test.y[i] - mean) * (test.y[i] - mean);
      }
    }
    return std::sqrt(off / size);
  }

 private:
  std::unique_ptr<cardan::Learner> learner_;
  closure::Columns inputs_;
  closure::Columns targets_;
  std::int64_t steps_ = 0;
};

void learn_online(Student& student, const Samples& stream, Kind kind, const Clock& clock,
                  std::uint64_t seed)
{
  closure::BufferSettings settings;
  settings.kind = kind;
  settings.capacity = clock.capacity;
  const auto buffer = closure::make_buffer(settings, Student::signature(), seed);
  for (std::int64_t tick = 0; tick < clock.ticks; ++tick) {
    const Part arrived{stream, tick * clock.arrivals, clock.arrivals};
    student.see(arrived);
    for (std::int64_t r = 0; r < clock.arrivals; ++r)
      buffer->add(arrived.inputs(), arrived.targets(), r, tick);
    if (buffer->size() < 4 * clock.batch) continue;
    if (buffer->seen() < 4 * clock.batch + clock.arrivals) student.normalise();
    student.learn_from(*buffer, clock.batch);
  }
}

void learn_offline(Student& student, const Samples& stream, const Way& way, const Clock& clock,
                   std::uint64_t seed)
{
  const auto collecting = static_cast<std::int64_t>(way.share * static_cast<double>(clock.ticks));
  const std::int64_t count = collecting * clock.arrivals;
  student.see({stream, 0, count});
  student.normalise();
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random{seed};
  closure::Columns inputs{Student::signature().inputs};
  closure::Columns targets{Student::signature().outputs};
  inputs.resize(clock.batch);
  targets.resize(clock.batch);
  const Part recording{stream, 0, count};
  std::size_t next = order.size();
  for (std::int64_t tick = collecting; tick < clock.ticks; ++tick) {
    if (next + static_cast<std::size_t>(clock.batch) > order.size()) {
      next = 0;
      if (way.shuffled) std::shuffle(order.begin(), order.end(), random);
    }
    for (std::int64_t r = 0; r < clock.batch; ++r, ++next) {
      inputs.copy_row(recording.inputs(), order[next], r);
      targets.copy_row(recording.targets(), order[next], r);
    }
    student.learn(inputs.batch(), targets.batch());
  }
}

struct Errors {
  std::vector<double> whole;
  std::vector<double> newest;
  std::vector<double> seconds;
};

void print(const Clock& clock, int seeds)
{
  fmt::print(
      "A stream that moves: {} ticks, in each {} samples arrive and one step of {} samples is "
      "taken; buffers hold {}; {} seeds.\nOffline records for a share of the ticks and learns for "
      "the rest. Error: rms over that of the targets (IQR).\nThe ratios are to offline 1/2 "
      "shuffled, seed by seed: below 1 is better.\n\n{:<24}{:>18}{:>18}{:>18}{:>18}\n",
      clock.ticks, clock.arrivals, clock.batch, clock.capacity, seeds, "way", "whole history",
      "ratio", "newest tenth", "ratio");
}

}  // namespace

void report_stream(const MlOptions& options, JsonLines& json)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  Clock clock;
  if (options.quick) clock.ticks = 3000;
  if (options.smoke) clock = {300, 8, 32, 200};
  std::vector<Errors> errors(ways.size());
  for (int seed = 1; seed <= options.rounds; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    const Samples stream = Samples::make(clock.ticks * clock.arrivals, 0, 1, 1000 + number);
    const Samples whole = Samples::make(4000, 0, 1, 2000 + number);
    const Samples newest = Samples::make(4000, 0.9, 1, 3000 + number);
    for (std::size_t w = 0; w < ways.size(); ++w) {
      show_progress(fmt::format("stream, seed {}, {}", seed, ways[w].name));
      Student student{number};
      const double begin = now();
      if (ways[w].buffer)
        learn_online(student, stream, *ways[w].buffer, clock, number);
      else
        learn_offline(student, stream, ways[w], clock, number);
      errors[w].seconds.push_back(now() - begin);
      errors[w].whole.push_back(student.error(whole));
      errors[w].newest.push_back(student.error(newest));
    }
  }
  clear_progress();
  if (!options.smoke) print(clock, options.rounds);
  for (std::size_t w = 0; w < ways.size(); ++w) {
    const Summary whole = summarise(errors[w].whole);
    const Summary newest = summarise(errors[w].newest);
    const Summary whole_ratio = summarise(ratios(errors[w].whole, errors[reference].whole));
    const Summary newest_ratio = summarise(ratios(errors[w].newest, errors[reference].newest));
    json.add({{"report", "stream"},
              {"way", ways[w].name},
              {"seeds", options.rounds},
              {"ticks", clock.ticks},
              {"arrivals", clock.arrivals},
              {"batch", clock.batch},
              {"capacity", clock.capacity},
              {"whole", whole.median},
              {"whole_spread", whole.spread},
              {"whole_ratio", whole_ratio.median},
              {"whole_ratio_spread", whole_ratio.spread},
              {"newest", newest.median},
              {"newest_spread", newest.spread},
              {"newest_ratio", newest_ratio.median},
              {"newest_ratio_spread", newest_ratio.spread},
              {"seconds", summarise(errors[w].seconds).median}});
    const auto cell = [](const Summary& value) {
      return fmt::format("{:.4f} ({:.4f})", value.median, value.spread);
    };
    fmt::print("{:<24}{:>18}{:>18}{:>18}{:>18}\n", ways[w].name, cell(whole), cell(whole_ratio),
               cell(newest), cell(newest_ratio));
  }
}

}  // namespace bench
