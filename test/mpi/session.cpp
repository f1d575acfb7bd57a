// Sessions as codes open them that own their main: over any communicator, side by side, one after
// the other, with several surrogates, and with ML ranks that are too slow.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using cardan::Field;
using cardan::Session;
using cardan::Surrogate;
using test::quiet_run;
using test::rank_in;
using test::RunFile;
using test::size_of;

namespace {

/// A piece of a communicator, freed at the end.
class Part {
 public:
  Part(MPI_Comm comm, int colour) { MPI_Comm_split(comm, colour, 0, &comm_); }
  ~Part() { MPI_Comm_free(&comm_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  [[nodiscard]] MPI_Comm get() const { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

/// A simulation with `count` samples: y = x + 0.1, by the model or by itself.
class Loop {
 public:
  explicit Loop(std::int64_t count) : x_(static_cast<std::size_t>(count)), y_(x_) {}

  /// Asks, does itself what is not answered, and gives the answer.
  cardan::Answer ask(Surrogate& surrogate, double level)
  {
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = level + 0.01 * static_cast<double>(i);
    std::fill(y_.begin(), y_.end(), untouched);
    const auto answer = surrogate.predict({{"x", field(x_)}}, {{"y", field(y_)}});
    for (const auto i : answer.untrusted()) {
      const auto s = static_cast<std::size_t>(i);
      CHECK(y_[s] == untouched);
      y_[s] = x_[s] + 0.1;
    }
    for (const double value : y_) CHECK(value != untouched);
    return answer;
  }
  /// Does all samples itself.
  void solve()
  {
    for (std::size_t i = 0; i < x_.size(); ++i) y_[i] = x_[i] + 0.1;
  }
  void teach(Surrogate& surrogate) { surrogate.observe({{"x", field(x_)}}, {{"y", field(y_)}}); }
  void step(Surrogate& surrogate, double level)
  {
    const auto answer = ask(surrogate, level);
    surrogate.observe({{"x", field(x_)}}, {{"y", field(y_)}}, answer.untrusted());
  }
  [[nodiscard]] const std::vector<double>& x() const { return x_; }
  [[nodiscard]] const std::vector<double>& y() const { return y_; }

  static constexpr double untouched = -12345;

 private:
  static Field field(std::vector<double>& values)
  {
    return {values.data(), {static_cast<std::int64_t>(values.size()), 1}};
  }

  std::vector<double> x_;
  std::vector<double> y_;
};

void check_sums(const cardan::Counters& c)
{
  CHECK(c.asked ==
        c.trusted + c.not_ready + c.late + c.unsure + c.outside + c.not_a_number + c.out_of_range);
}

/// A few steps with one surrogate; ML ranks serve.
void run_session(MPI_Comm comm, const RunFile& file, int ml,
                 const cardan::SessionOptions& options = {})
{
  Session session{comm, file.name(), options};
  CHECK(session.ml_ranks() == ml);
  REQUIRE(session.rank_map().size() == static_cast<std::size_t>(size_of(comm)));
  const auto& mine = session.rank_map()[static_cast<std::size_t>(rank_in(comm))];
  CHECK((mine.role == "simulation") == !session.serves());
  CHECK_FALSE(mine.host.empty());
  CHECK(size_of(session.comm()) == (session.serves() ? ml : size_of(comm) - ml));
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto surrogate = session.surrogate("a");
  Loop loop{6};
  for (const auto step : session.steps(5)) {
    loop.step(surrogate, static_cast<double>(step));
    CHECK(session.step() == step);
  }
  CHECK(surrogate.counters().asked == 30);
  check_sums(surrogate.counters());
  if (ml == 0) CHECK(surrogate.counters().not_ready == 30);
}

double seconds_since(std::chrono::steady_clock::time_point begin)
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("two sessions live side by side, each on its part of the ranks")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const bool first = rank_in(MPI_COMM_WORLD) < (ranks + 1) / 2;
  const Part part{MPI_COMM_WORLD, first ? 0 : 1};
  // A part of one rank has nobody to learn.
  const int ml = size_of(part.get()) > 1 ? 1 : 0;
  const RunFile file{part.get(), "session", quiet_run(ml, test::surrogate("a"))};
  run_session(part.get(), file, ml);
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("a session on some ranks does not need the others")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const bool in = rank_in(MPI_COMM_WORLD) % 2 == 0;
  const Part part{MPI_COMM_WORLD, in ? 0 : 1};
  if (!in) return;
  const int ml = (ranks + 1) / 2 > 1 ? 1 : 0;
  const RunFile file{part.get(), "session", quiet_run(ml, test::surrogate("a"))};
  run_session(part.get(), file, ml);
}

TEST_CASE("sessions follow each other, with other roles each time")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  for (int ml = 0; ml < std::min(ranks, 4); ++ml) {
    const RunFile file{MPI_COMM_WORLD, "session", quiet_run(ml, test::surrogate("a"))};
    run_session(MPI_COMM_WORLD, file, ml);
    run_session(MPI_COMM_WORLD, file, ml);
  }
}

TEST_CASE("ML ranks may come first, launched as a program of their own")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(0, test::surrogate("a"))};
  for (int ml = 1; ml < std::min(ranks, 4); ++ml) {
    cardan::SessionOptions options;
    if (rank_in(MPI_COMM_WORLD) < ml) options.program = cardan::Program::ml;
    run_session(MPI_COMM_WORLD, file, ml, options);
  }
  // In the middle, too.
  if (ranks < 3) return;
  cardan::SessionOptions options;
  if (rank_in(MPI_COMM_WORLD) == ranks / 2) options.program = cardan::Program::ml;
  run_session(MPI_COMM_WORLD, file, 1, options);
}

TEST_CASE("without_ml overrules the run file; launched ML ranks then idle and leave")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  cardan::SessionOptions options;
  options.without_ml = true;
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(1, test::surrogate("a"))};
  run_session(MPI_COMM_WORLD, file, 0, options);
  if (ranks < 2) return;
  const bool ml = rank_in(MPI_COMM_WORLD) == ranks - 1;
  if (ml) options.program = cardan::Program::ml;
  Session session{MPI_COMM_WORLD, file.name(), options};
  CHECK(session.serves() == ml);
  if (session.serves()) CHECK(session.serve() == 0);
}

TEST_CASE("a seed given to simulation rank 0 counts everywhere")
{
  cardan::SessionOptions options;
  if (rank_in(MPI_COMM_WORLD) == 0) options.seed = 77;
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(0)};
  const Session session{MPI_COMM_WORLD, file.name(), options};
  CHECK(session.seed() == 77);
  CHECK(session.run_file_text() == quiet_run(0));
}

TEST_CASE("a session that no surrogate was opened in ends as well")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const int ml = ranks > 1 ? 1 : 0;
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(ml, test::surrogate("a"))};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  // Named, never used.
  const auto surrogate = session.surrogate("a");
  CHECK(session.ml_library().empty());
}

TEST_CASE("two surrogates, opened and ended in either order")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  for (int ml = 0; ml < std::min(ranks, 4); ++ml) {
    const RunFile file{MPI_COMM_WORLD, "session",
                       quiet_run(ml, test::surrogate("a") + test::surrogate("b"))};
    for (const bool a_first : {true, false}) {
      for (const bool a_leaves_first : {true, false}) {
        Session session{MPI_COMM_WORLD, file.name()};
        if (session.serves()) {
          CHECK(session.serve() == 0);
          continue;
        }
        std::optional<Surrogate> a{session.surrogate("a")};
        std::optional<Surrogate> b{session.surrogate("b")};
        auto& first = a_first ? a : b;
        auto& second = a_first ? b : a;
        Loop loop{5};
        for (const auto step : session.steps(6)) {
          const auto level = static_cast<double>(step);
          // The second is opened when the first has been at work for a while.
          loop.step(*first, level);
          if (step >= 2) loop.step(*second, level);
        }
        CHECK(first->counters().asked == 30);
        CHECK(second->counters().asked == 20);
        auto& leaves = a_leaves_first ? a : b;
        auto& stays = a_leaves_first ? b : a;
        leaves.reset();
        for (const auto step : session.steps(3)) loop.step(*stays, static_cast<double>(step));
        stays.reset();
      }
    }
  }
}

TEST_CASE("a surrogate that was ended can be opened again")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const int ml = std::min(ranks - 1, 3);
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(ml, test::surrogate("a"))};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  for (int time = 0; time < 3; ++time) {
    auto surrogate = session.surrogate("a");
    Loop loop{5 + time};
    for (const auto step : session.steps(4)) loop.step(surrogate, static_cast<double>(step));
    CHECK(surrogate.counters().asked == 4 * (5 + time));
  }
}

namespace {

/// A model that is too slow by far: everything is late from the moment that it has learned
/// anything.
const char* const slow_model =
    "model = { kind = \"mlp\", hidden = [1024, 1024], members = 2 }\ndeadline = \"100 us\"\n";

/// Trained in rounds of many milliseconds by the rank that infers: answers are late while it
/// learns, and in time while it rests.
std::string busy(const std::string& late)
{
  return test::surrogate(
      "a",
      "late = \"" + late +
          "\"\ndeadline = \"10 ms\"\n"
          "model = { kind = \"mlp\", hidden = [64, 64], members = 3, head = \"increment\" }\n",
      "batch = 8192\nwarmup = 40\npasses = 40\npublish = { every = 2 }\n");
}

/// Teaches in bursts, and asks all the while: `look(answer, late)` after each question, samples of
/// which are a thousand away from those of the one before. Ends when `enough()` on all ranks, and
/// says so, or after a minute.
template <class Look, class Enough>
[[nodiscard]] bool ask_a_busy_rank(Session& session, Surrogate& surrogate, Loop& loop, Look&& look,
                                   Enough&& enough)
{
  const double limit = 60;
  const auto begin = std::chrono::steady_clock::now();
  // As many lessons a burst from many ranks as from one: how long the ML rank learns from them
  // hangs on the processor alone.
  const int questions = std::max(30 / size_of(session.comm()), 2);
  std::int64_t asked = 0;
  const auto ask = [&] {
    const auto late = surrogate.counters().late;
    const auto answer = loop.ask(surrogate, static_cast<double>(1000 * (asked++ % 50)));
    const bool is_late = surrogate.counters().late > late;
    look(answer, is_late);
    return !is_late && answer;
  };
  while (true) {
    for (int i = 0; i < questions; ++i) {
      ask();
      // Some 200 samples are a round of training; what the model itself said is no lesson.
      for (int j = 0; j < 2; ++j) {
        loop.solve();
        loop.teach(surrogate);
      }
    }
    while (!ask() && seconds_since(begin) < limit)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const int mine = enough() ? 1 : 0;
    int all = 0;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, session.comm());
    if (all != 0) return true;
    int over = seconds_since(begin) > limit ? 1 : 0;
    MPI_Bcast(&over, 1, MPI_INT, 0, session.comm());
    if (over != 0) return false;
  }
}

}  // namespace

TEST_CASE("late = solver: an ML rank that is far too slow holds nobody back")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  if (ranks < 2) return;
  const RunFile file{
      MPI_COMM_WORLD, "session",
      quiet_run(1, test::surrogate("a", std::string("late = \"solver\"\n") + slow_model))};
  const auto begin = std::chrono::steady_clock::now();
  {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      auto surrogate = session.surrogate("a");
      Loop loop{64};
      // More steps than a ring has slots: those that find it full are late at once.
      for (const auto step : session.steps(60)) loop.step(surrogate, static_cast<double>(step));
      const auto& c = surrogate.counters();
      check_sums(c);
      CHECK(c.asked == 60 * 64);
      CHECK(c.late > 0);
    }
  }
  // What was asked for in vain is answered, and thrown away, before all leave together.
  CHECK(seconds_since(begin) < 30);
}

TEST_CASE("late = solver: a late answer is never taken for a later question's")
{
  if (size_of(MPI_COMM_WORLD) < 2) return;
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(1, busy("solver"))};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto surrogate = session.surrogate("a");
  Loop loop{40};
  bool was_late = false;
  int in_time_after_late = 0;
  const auto look = [&](const cardan::Answer& answer, bool late) {
    for (std::size_t i = 0; i < loop.x().size(); ++i)
      CHECK(std::abs(loop.y()[i] - loop.x()[i]) < 500);
    if (late) CHECK(answer.untrusted().size() == 40);
    if (!late && answer && was_late) ++in_time_after_late;
    was_late = late;
  };
  CHECK(ask_a_busy_rank(session, surrogate, loop, look, [&] { return in_time_after_late > 1; }));
  check_sums(surrogate.counters());
}

TEST_CASE("late = last: a late sample has the last answer that there was")
{
  if (size_of(MPI_COMM_WORLD) < 2) return;
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(1, busy("last"))};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto surrogate = session.surrogate("a");
  Loop loop{40};
  std::vector<double> last;
  int reused = 0;
  const auto look = [&](const cardan::Answer& answer, bool late) {
    if (late && last.empty()) CHECK(answer.untrusted().size() == 40);
    if (late && !last.empty()) {
      CHECK(answer.untrusted().empty());
      CHECK(loop.y() == last);
      ++reused;
    }
    if (late || !answer) return;
    last = loop.y();
    for (std::size_t i = 0; i < last.size(); ++i) CHECK(std::abs(last[i] - loop.x()[i]) < 500);
  };
  CHECK(ask_a_busy_rank(session, surrogate, loop, look, [&] { return reused > 1; }));
}

TEST_CASE("an exception in the simulation lets the session end without waiting")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const int ml = std::min(ranks - 1, 2);
  const RunFile file{MPI_COMM_WORLD, "session", quiet_run(ml, test::surrogate("a"))};
  const auto begin = std::chrono::steady_clock::now();
  int status = 0;
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      status = session.serve();
    } else {
      auto surrogate = session.surrogate("a");
      Loop loop{5};
      for (const auto step : session.steps(5)) {
        loop.step(surrogate, static_cast<double>(step));
        if (step == 2) throw cardan::Error::everywhere("stop");
      }
    }
  } catch (const cardan::Error& error) {
    CHECK(std::string(error.what()) == "stop");
    status = 1;
  }
  CHECK(status == 1);
  CHECK(seconds_since(begin) < 10);
  MPI_Barrier(MPI_COMM_WORLD);
}
