// A simulation that does one thing wrong: bad_simulation RUN_FILE CASE. What then appears on
// standard error, and how long that takes, is judged by fault.py.
#include <cardan/cardan.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using cardan::Box;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;
using cardan::Session;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t samples = 8;

int rank(const Session& session)
{
  int value = 0;
  MPI_Comm_rank(session.comm(), &value);
  return value;
}

int ranks(const Session& session)
{
  int value = 0;
  MPI_Comm_size(session.comm(), &value);
  return value;
}

bool last(const Session& session)
{
  return rank(session) == ranks(session) - 1;
}

/// The arrays of a step: state 8 x 2, advanced 8 x 1.
struct Arrays {
  std::vector<double> state = std::vector<double>(3 * samples, 0.5);
  std::vector<double> advanced = std::vector<double>(2 * samples, 0.25);
  std::vector<float> single = std::vector<float>(samples, 0.25F);

  [[nodiscard]] Field state_field(std::int64_t width = 2, std::int64_t count = samples)
  {
    return {state.data(), {count, width}};
  }
  [[nodiscard]] Field advanced_field(std::int64_t count = samples)
  {
    return {advanced.data(), {count, 1}};
  }
};

/// Four steps as they should be, but for what `spoil` does to the arrays before each.
void simulate(Session& session, const std::function<void(std::int64_t, Arrays&)>& spoil)
{
  auto kinetics = session.surrogate("kinetics");
  Arrays arrays;
  for (const auto step : session.steps(4)) {
    spoil(step, arrays);
    const auto answer = kinetics.predict({{"state", arrays.state_field()}},
                                         {{"advanced", arrays.advanced_field()}});
    if (!answer)
      kinetics.observe({{"state", arrays.state_field()}}, {{"advanced", arrays.advanced_field()}},
                       answer.untrusted());
  }
}

void predict(Session& session, const Field& state, const Field& advanced,
             const char* name = "state")
{
  auto kinetics = session.surrogate("kinetics");
  kinetics.predict({{name, state}}, {{"advanced", advanced}});
}

/// Opens a channel in which every rank produces a box and takes the same box.
void open_channel(Session& session, const Box& box, const Extents& shape)
{
  const FieldSpec spec{"u", cardan::Dtype::float64, shape, box};
  const cardan::Channel channel{
      session.comm(), {"boxes", 2, 5, cardan::TransportKind::automatic}, {spec}, {spec}};
}

/// This rank's two rows of a global array that has two for each.
Box rows(const Session& session)
{
  const std::int64_t two = 2;
  return {{two * ranks(session), 3}, {two * rank(session), 0}, {two, 3}};
}

/// Gives nothing over when ranks are split anew, but throws.
class Breaking : public cardan::Decider {
 public:
  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    static_cast<void>(report);
    static_cast<void>(outbox);
  }
  std::optional<cardan::State> hand_over() override
  {
    throw std::runtime_error("the decider broke");
  }
};

using Body = std::function<void(Session&)>;

const std::map<std::string, Body>& cases()
{
  static const std::map<std::string, Body> known{
      {"none", [](Session& s) { simulate(s, [](std::int64_t, Arrays&) {}); }},
      {"sample-shape",
       [](Session& s) {
         Arrays arrays;
         predict(s, arrays.state_field(last(s) ? 3 : 2), arrays.advanced_field());
       }},
      {"dtype",
       [](Session& s) {
         Arrays arrays;
         predict(s, arrays.state_field(),
                 last(s) ? Field{arrays.single.data(), {samples, 1}} : arrays.advanced_field());
       }},
      {"dimensions",
       [](Session& s) {
         Arrays arrays;
         predict(s, last(s) ? Field{arrays.state.data(), {samples, 2, 1}} : arrays.state_field(),
                 arrays.advanced_field());
       }},
      {"no-dimension",
       [](Session& s) {
         Arrays arrays;
         predict(s, last(s) ? Field{arrays.state.data(), Extents{}} : arrays.state_field(),
                 arrays.advanced_field());
       }},
      {"sample-count",
       [](Session& s) {
         Arrays arrays;
         predict(s, arrays.state_field(), arrays.advanced_field(last(s) ? samples / 2 : samples));
       }},
      {"later-sample-count",
       [](Session& s) {
         auto kinetics = s.surrogate("kinetics");
         Arrays arrays;
         for (const auto step : s.steps(2))
           kinetics.predict(
               {{"state", arrays.state_field()}},
               {{"advanced", arrays.advanced_field(step == 1 && last(s) ? 4 : samples)}});
       }},
      {"more-samples",
       [](Session& s) {
         auto kinetics = s.surrogate("kinetics");
         Arrays arrays;
         for (const auto step : s.steps(2)) {
           const std::int64_t count = step == 1 && last(s) ? samples + 1 : samples;
           kinetics.predict({{"state", arrays.state_field(2, count)}},
                            {{"advanced", arrays.advanced_field(count)}});
         }
       }},
      {"later-dtype",
       [](Session& s) {
         auto kinetics = s.surrogate("kinetics");
         Arrays arrays;
         for (const auto step : s.steps(2))
           kinetics.predict({{"state", arrays.state_field()}},
                            {{"advanced", step == 1 ? Field{arrays.single.data(), {samples, 1}}
                                                    : arrays.advanced_field()}});
       }},
      {"const-output",
       [](Session& s) {
         Arrays arrays;
         const std::vector<double> advanced(samples);
         predict(s, arrays.state_field(), Field{advanced.data(), {samples, 1}});
       }},
      {"field-name",
       [](Session& s) {
         Arrays arrays;
         predict(s, arrays.state_field(), arrays.advanced_field(), "stat");
       }},
      {"surrogate-name", [](Session& s) { static_cast<void>(s.surrogate("kinetic")); }},
      {"nan-predicted",
       [](Session& s) {
         simulate(s, [&](std::int64_t step, Arrays& arrays) {
           if (step == 2 && last(s)) arrays.state[6] = not_a_number;
         });
       }},
      {"nan-observed",
       [](Session& s) {
         simulate(s, [&](std::int64_t step, Arrays& arrays) {
           if (step == 2 && last(s)) arrays.advanced[5] = not_a_number;
         });
       }},
      {"observe-beyond",
       [](Session& s) {
         auto kinetics = s.surrogate("kinetics");
         Arrays arrays;
         const std::vector<std::int64_t> beyond{samples};
         kinetics.predict({{"state", arrays.state_field()}},
                          {{"advanced", arrays.advanced_field()}});
         if (last(s))
           kinetics.observe({{"state", arrays.state_field()}},
                            {{"advanced", arrays.advanced_field()}}, beyond);
         MPI_Barrier(s.comm());
       }},
      {"throws",
       [](Session& s) {
         simulate(s, [&](std::int64_t step, Arrays&) {
           if (step == 1 && last(s)) throw std::runtime_error("the pump broke");
           MPI_Barrier(s.comm());
         });
       }},
      {"throws-together",
       [](Session& s) {
         simulate(s, [](std::int64_t step, Arrays&) {
           if (step == 1) throw cardan::Error::everywhere("the pump broke on all ranks");
         });
       }},
      {"throws-apart",
       [](Session& s) {
         // The others ask once more after the ML ranks have heard of the end.
         simulate(s, [&](std::int64_t step, Arrays&) {
           if (step == 1 && rank(s) > 0)
             std::this_thread::sleep_for(std::chrono::milliseconds(500));
           if (step == (rank(s) == 0 ? 1 : 2))
             throw cardan::Error::everywhere("the pump broke here and there");
         });
       }},
      {"throws-before-opening",
       [](Session& s) {
         if (last(s)) throw std::runtime_error("the valve stuck");
         simulate(s, [](std::int64_t, Arrays&) {});
       }},
      {"overlapping-boxes",
       [](Session& s) {
         Box box = rows(s);
         if (last(s)) box.offset[0] -= 1;
         open_channel(s, box, box.count);
       }},
      {"incomplete-boxes",
       [](Session& s) {
         Box box = rows(s);
         if (last(s)) box.count[0] = 1;
         open_channel(s, box, box.count);
       }},
      {"global-shapes",
       [](Session& s) {
         Box box = rows(s);
         if (last(s)) box.global[0] += 1;
         open_channel(s, box, box.count);
       }},
      {"box-outside",
       [](Session& s) {
         Box box = rows(s);
         if (last(s)) box.offset[1] = 1;
         open_channel(s, box, box.count);
       }},
      {"box-shape",
       [](Session& s) {
         open_channel(s, rows(s), last(s) ? Extents{2, 4} : Extents{2, 3});
       }},
      {"split-decider",
       [](Session& s) {
         const cardan::Feature number{"number", cardan::Dtype::int64, {}};
         auto pump = s.steering("pump", {number}, {number});
         for (const auto step : s.steps(3))
           if (step == 1) s.resplit_to({0});
       }},
      {"split-shape",
       [](Session& s) {
         std::vector<double> all(s.splits() > 0 ? samples + 1 : samples);
         s.protect("all", all, {.axes = "", .units = "", .replicated = true});
         for (const auto step : s.steps(3))
           if (step == 1) s.resplit_to({0});
       }},
  };
  return known;
}

}  // namespace

int main(int argc, char** argv)
{
  const auto body = cases().find(argc > 2 ? argv[2] : "none");
  if (body == cases().end()) return 99;
  cardan::register_decider("breaking",
                           [](const cardan::Config&, const cardan::Signature&,
                              const cardan::DeciderPlace&) -> std::unique_ptr<cardan::Decider> {
                             return std::make_unique<Breaking>();
                           });
  return cardan::run(argc, argv, body->second);
}
