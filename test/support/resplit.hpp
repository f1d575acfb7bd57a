/// Load for ranks that are split anew: numbered samples, reports, decisions and requests, counted
/// on both sides.
#pragma once

#include "couplers/steering/handle.hpp"
#include "session/implementation.hpp"

#include <cardan/cardan.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A multiset of numbers: equal where these three are, but by rare chance.
struct Tally {
  std::int64_t count = 0;
  std::int64_t sum = 0;
  std::int64_t scrambled = 0;

  void add(std::int64_t number)
  {
    auto word = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U;
    word ^= word >> 29U;
    word *= 0xBF58476D1CE4E5B9U;
    ++count;
    sum += number;
    scrambled = static_cast<std::int64_t>(static_cast<std::uint64_t>(scrambled) + (word >> 8U));
  }
  void add(const Tally& other)
  {
    count += other.count;
    sum += other.sum;
    scrambled = static_cast<std::int64_t>(static_cast<std::uint64_t>(scrambled) +
                                          static_cast<std::uint64_t>(other.scrambled));
  }
  [[nodiscard]] std::vector<std::int64_t> numbers() const { return {count, sum, scrambled}; }
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Collective: of all ranks together.
inline Tally over_all(const Tally& mine)
{
  std::array<std::int64_t, 3> numbers{mine.count, mine.sum, mine.scrambled};
  MPI_Allreduce(MPI_IN_PLACE, numbers.data(), 3, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  return {numbers[0], numbers[1], numbers[2]};
}

/// Counts reports by their number; answers each with a decision to the rank that reports, and now
/// and then one to all. What it has counted goes on with the next deciders.
class Counter : public cardan::Decider {
 public:
  explicit Counter(const cardan::DeciderPlace& place) : place_(place) {}
  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    std::int64_t number = 0;
    std::memcpy(&number, report.columns[0], sizeof number);
    seen_.add(number);
    const std::byte* const columns[] = {reinterpret_cast<const std::byte*>(&number)};
    cardan::Ruling ruling;
    ruling.step = report.step;
    ruling.clock = report.clock;
    ruling.columns = columns;
    const bool all = number % 7 == 0;
    const int one = report.rank;
    if (!all) ruling.to = {&one, 1};
    outbox.send(ruling);
    sent_ += all ? outbox.ranks() : 1;
  }
  std::optional<cardan::State> hand_over() override
  {
    cardan::State state;
    state.put("seen", seen_.numbers());
    state.put("sent", sent_);
    return state;
  }
  /// The first decider goes on with what all of them have counted.
  void take_over(const std::vector<cardan::State>& before) override
  {
    if (place_.index != 0) return;
    for (const auto& state : before) {
      const auto numbers = state.integers("seen");
      seen_.add({numbers[0], numbers[1], numbers[2]});
      sent_ += state.integer("sent");
    }
  }

 private:
  cardan::DeciderPlace place_;
  Tally seen_;
  std::int64_t sent_ = 0;
};

/// `y = 3 x`.
class Tripling : public cardan::ServiceHandler {
 public:
  void answer(const cardan::Batch& inputs, const cardan::Answers& outputs) override
  {
    const auto* x = reinterpret_cast<const double*>(inputs.columns[0]);
    auto* y = reinterpret_cast<double*>(outputs.columns[0]);
    for (std::int64_t i = 0; i < inputs.count; ++i) y[i] = 3 * x[i];
  }
};

inline void register_load()
{
  cardan::register_decider(
      "counter",
      [](const cardan::Config&, const cardan::Signature&, const cardan::DeciderPlace& place)
          -> std::unique_ptr<cardan::Decider> { return std::make_unique<Counter>(place); });
  cardan::register_service(
      "tripling",
      [](const cardan::Config&, const cardan::Signature&, const cardan::ServicePlace&)
          -> std::unique_ptr<cardan::ServiceHandler> { return std::make_unique<Tripling>(); });
}

/// The run file of such a run: `learns`, with a surrogate, whose buffer keeps all samples.
inline std::string load_run(int ml, bool learns, const std::string& more = "")
{
  std::string text =
      "[run]\nquiet = true\ndeadline = \"60 s\"\nprovenance = false\n" + more +
      "[ranks]\nml = { count = " + std::to_string(ml) +
      " }\n[steering.control]\nkind = \"counter\"\n[service.triple]\nkind = \"tripling\"\n"
      "deadline = \"60 s\"\n";
  if (learns)
    text +=
        "[surrogate.curve]\ninputs = [\"x\"]\noutputs = [\"y\"]\ntrust = { gate = \"none\" }\n"
        "model = { kind = \"linear\" }\n[training.curve]\nbuffer = { kind = \"reservoir\", "
        "capacity = "
        "1000000 }\nwarmup = 8\npublish = { samples = 64 }\n";
  return text;
}

/// What a rank has sent, and what became of it, over all splits.
class Load {
 public:
  explicit Load(bool learns) : learns_(learns) {}

  /// Simulation ranks: opens what is asked for, as a body does.
  void open(cardan::Session& session)
  {
    if (learns_) curve_.emplace(session.surrogate("curve"));
    control_.emplace(session.steering("control", {{"number", cardan::Dtype::int64, {}}},
                                      {{"number", cardan::Dtype::int64, {}}}));
    const cardan::FieldSpec x{"x", cardan::Dtype::float64, {1}, {}, {}};
    const cardan::FieldSpec y{"y", cardan::Dtype::float64, {1}, {}, {}};
    triple_.emplace(session.service("triple", {x}, {y}));
    rank_ = mpi_rank();
  }
  /// One step's load.
  void step(cardan::Session& session)
  {
    const bool coupled = session.ml_ranks() > 0;
    if (learns_) observe();
    report(coupled);
    if (coupled) ask();
  }
  /// Lets go of all handles; futures stay, and what they write to.
  void close()
  {
    curve_.reset();
    control_.reset();
    triple_.reset();
  }
  /// After the requests of a split have ended: whether each has its answer; forgets them.
  bool settle()
  {
    bool right = true;
    for (const auto& each : asked_) right = right && each->y[0] == 3 * each->x[0];
    answered_ += static_cast<std::int64_t>(asked_.size());
    asked_.clear();
    return right;
  }
  [[nodiscard]] const Tally& observed() const { return observed_; }
  [[nodiscard]] const Tally& reported() const { return reported_; }
  [[nodiscard]] std::int64_t requested() const { return requests_; }
  [[nodiscard]] std::int64_t answered() const { return answered_; }
  std::optional<cardan::Steering>& control() { return control_; }
  std::optional<cardan::Surrogate>& curve() { return curve_; }
  std::optional<cardan::Service>& triple() { return triple_; }

 private:
  struct Asked {
    std::vector<double> x{0};
    std::vector<double> y{0};
    cardan::Future future;
  };
  static int mpi_rank()
  {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
  }
  /// Different on all ranks, and never again.
  std::int64_t next() { return ++numbers_ * 64 + rank_; }

  void observe()
  {
    constexpr std::size_t samples = 4;
    std::vector<double> x(samples);
    std::vector<double> y(samples);
    std::array<std::int64_t, samples> numbers{};
    for (std::size_t i = 0; i < samples; ++i) {
      numbers[i] = next();
      x[i] = static_cast<double>(numbers[i]);
      y[i] = 2 * x[i];
    }
    // Samples are cut evenly over training ranks, and a part that finds no room is dropped: one at
    // a time, so that it is known which.
    for (std::size_t i = 0; i < samples; ++i) {
      const auto dropped = curve_->counters().dropped;
      const std::vector<std::int64_t> one{static_cast<std::int64_t>(i)};
      curve_->observe({{"x", x}}, {{"y", y}}, one);
      if (curve_->counters().dropped == dropped) observed_.add(numbers[i]);
    }
  }
  void report(bool coupled)
  {
    for (int i = 0; i < 3; ++i) {
      const std::int64_t number = next();
      const auto dropped = control_->counters().dropped;
      control_->report({{"number", cardan::Field{&number, cardan::Extents{}}}});
      if (coupled && control_->counters().dropped == dropped) reported_.add(number);
    }
    std::int64_t decided = 0;
    static_cast<void>(control_->poll({{"number", cardan::Field{&decided, cardan::Extents{}}}}));
  }
  void ask()
  {
    for (int i = 0; i < 2; ++i) {
      auto asked = std::make_unique<Asked>();
      asked->x[0] = static_cast<double>(next());
      asked->future = triple_->request({{"x", asked->x}}, {{"y", asked->y}});
      asked_.push_back(std::move(asked));
      ++requests_;
    }
    static_cast<void>(triple_->poll());
  }

  bool learns_;
  int rank_ = 0;
  std::int64_t numbers_ = 0;
  Tally observed_;
  Tally reported_;
  std::int64_t requests_ = 0;
  std::int64_t answered_ = 0;
  std::optional<cardan::Surrogate> curve_;
  std::optional<cardan::Steering> control_;
  std::optional<cardan::Service> triple_;
  std::deque<std::unique_ptr<Asked>> asked_;
};

/// What this rank holds of what ML ranks took in, after ranks were split anew: one rank's figures,
/// as all holders hold the same.
struct TakenIn {
  Tally observed;
  Tally reported;
  std::int64_t decided = 0;
};

inline TakenIn taken_in(cardan::Session& session)
{
  TakenIn taken;
  const auto* held = session.implementation().context.restart;
  if (held == nullptr) return taken;
  for (const std::string buffer : {"models/curve/buffer", "models/curve/held_out"}) {
    if (!held->has(buffer + "/x")) continue;
    const std::int64_t rows = held->shape(buffer + "/x")[0];
    std::vector<double> x(static_cast<std::size_t>(rows));
    held->read_rows(buffer + "/x", cardan::Dtype::float64, 0, rows, x.data());
    for (const double each : x) taken.observed.add(static_cast<std::int64_t>(each));
  }
  const std::string deciders = "deciders/control";
  if (!held->has(deciders)) return taken;
  for (const auto& name : held->names(deciders)) {
    const auto state = held->state(deciders + "/" + name);
    const auto numbers = state.integers("seen");
    taken.reported.add({numbers[0], numbers[1], numbers[2]});
    taken.decided += state.integer("sent");
  }
  return taken;
}

/// Decisions that this rank has dealt with, or keeps, after ranks were split anew.
inline std::int64_t dealt_with(cardan::Session& session)
{
  const auto& kept = session.implementation().context.kept;
  const auto found = kept.find("control");
  if (found == kept.end()) return 0;
  const auto& counters = found->second->counters;
  return counters.applied + counters.superseded + (found->second->waits ? 1 : 0);
}

}  // namespace test
