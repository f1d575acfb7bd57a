// What the controller decides, from how right the quantity stays and what puts cost.
#include "couplers/reduction/controller.hpp"
#include "couplers/reduction/receivers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace cardan;
using cardan::reduction::Controller;
using cardan::reduction::Decision;
using cardan::reduction::Note;
using cardan::reduction::Settings;

namespace {

Settings with_quantity()
{
  Settings settings;
  settings.quantity = "sum";
  settings.quantity_error = 1e-3;
  settings.eps_least = 0.1;
  return settings;
}

/// One step of `ranks` ranks, of which the first is wrong by `error` of the whole.
std::optional<Decision> step(Controller& controller, std::int64_t number, double error,
                             int ranks = 2, double seconds = 0.01, double period = 1)
{
  std::optional<Decision> decided;
  for (int r = 0; r < ranks; ++r) {
    Note note;
    note.step = note.number = number;
    note.rank = r;
    note.decision = controller.decision().number;
    note.original = 10.0 / ranks;
    note.reconstructed = note.original + (r == 0 ? 10 * error : 0);
    note.seconds = seconds;
    note.period = period;
    if (auto made = controller.take(note)) {
      CHECK(r == ranks - 1);
      decided = made;
    }
  }
  return decided;
}

}  // namespace

TEST_CASE("the bound is halved while the quantity is wrong, down to the least")
{
  Controller controller{with_quantity(), 2};
  std::vector<double> scales;
  for (std::int64_t n = 0; n < 8; ++n)
    if (const auto decision = step(controller, n, 2e-3)) scales.push_back(decision->scale);
  CHECK(scales == std::vector<double>{0.5, 0.25, 0.125, 0.1});
  CHECK(controller.error() == doctest::Approx(2e-3));
  CHECK(controller.judged() == 8);
}

TEST_CASE("errors of ranks cancel, and what is no number is wrong")
{
  Controller controller{with_quantity(), 2};
  Note one;
  one.original = 5;
  one.reconstructed = 6;
  CHECK_FALSE(controller.take(one));
  Note other;
  other.original = 5;
  other.reconstructed = 4;
  CHECK_FALSE(controller.take(other));
  CHECK(controller.error() == 0);
  CHECK(step(controller, 1, std::nan("")));
}

TEST_CASE("a sum that is zero is measured by the sizes of its parts")
{
  Controller controller{with_quantity(), 2};
  Note one;
  one.original = 5;
  one.reconstructed = 5;
  Note other;
  other.original = -5;
  other.reconstructed = -5.001;
  CHECK_FALSE(controller.take(one));
  CHECK_FALSE(controller.take(other));
  CHECK(controller.error() == doctest::Approx(1e-4));
}

TEST_CASE("it is loosened after a while, and the later the oftener that was too much")
{
  Controller controller{with_quantity(), 1};
  std::int64_t n = 0;
  REQUIRE(step(controller, n++, 2e-3, 1));
  const auto calm_steps = [&] {
    for (int count = 1; count < 1000; ++count)
      if (const auto decision = step(controller, n++, 1e-5, 1)) {
        CHECK(decision->scale == 1);
        return count;
      }
    return -1;
  };
  CHECK(calm_steps() == 8);
  REQUIRE(step(controller, n++, 2e-3, 1));
  CHECK(calm_steps() == 16);
  // Between the two nothing happens.
  for (int i = 0; i < 100; ++i) CHECK_FALSE(step(controller, n++, 5e-4, 1));
}

TEST_CASE("still blocks are sent again before the bound is touched")
{
  auto settings = with_quantity();
  settings.still = 1;
  settings.automatic_still = true;
  Controller controller{settings, 1};
  std::vector<double> still;
  for (std::int64_t n = 0; n < 4; ++n) {
    const auto decision = step(controller, n, 1, 1);
    REQUIRE(decision);
    still.push_back(decision->still);
  }
  CHECK(still == std::vector<double>{0.5, 0.25, 0, 0});
  CHECK(controller.decision().scale == 0.5);
}

TEST_CASE("puts that follow another decision, or lack a rank, say nothing")
{
  Controller controller{with_quantity(), 2};
  Note note;
  note.original = 1;
  note.decision = 7;
  for (int i = 0; i < 10; ++i) CHECK_FALSE(controller.take(note));
  note.decision = 0;
  for (std::int64_t n = 0; n < 1000; ++n) {
    note.step = note.number = n;
    CHECK_FALSE(controller.take(note));
  }
  CHECK(controller.judged() == 0);
}

TEST_CASE("the stride grows while puts cost too much, and shrinks where they cost little")
{
  Settings settings;
  settings.automatic_stride = true;
  settings.cost = 0.05;
  Controller controller{settings, 2};
  std::int64_t n = 0;
  const auto run = [&](int steps, double seconds) {
    // The time between two puts grows with the stride.
    for (int i = 0; i < steps; ++i)
      static_cast<void>(step(controller, n++, 0, 2, seconds,
                             seconds + 1.0 * static_cast<double>(controller.decision().stride)));
    return controller.decision().stride;
  };
  CHECK(run(200, 0.15) == 4);
  CHECK(run(400, 0.001) == 1);
  CHECK(run(200, 0.04) == 1);
  Settings fixed;
  fixed.cost = 0.05;
  Controller still{fixed, 2};
  for (std::int64_t i = 0; i < 100; ++i) CHECK_FALSE(step(still, i, 1, 2, 1, 1.5));
}

TEST_CASE("Cardan's own quantities")
{
  const std::vector<ReductionField> fields{{"a", Dtype::float64, {2, 2, 3}, true, {}}};
  const std::vector<double> values{1, 2, 4, 0, 0, 3, 1, 1, 1, 1, 1, 1};
  const double* const column = values.data();
  const auto evaluate = [&](const std::string& name) {
    return (*reduction::find_quantity(name))(fields, &column);
  };
  CHECK(evaluate("sum") == 16);
  CHECK(evaluate("energy") == 0.5 * (1 + 4 + 16 + 9 + 6));
  // Along rows 1 + 4 + 0 + 9, down columns 1 + 4 + 1; components are no neighbours.
  CHECK(evaluate("gradient") == 20);
  CHECK(reduction::find_quantity("nothing") == nullptr);
}
