// A writer that never waits, and a reader that wants the newest step: it gets a whole one, and
// keeps it for as long as it looks. CARDAN_TORN_SECONDS says how long they race.
#include "support/random.hpp"
#include "support/world.hpp"

#include <cardan/channel.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

using cardan::Box;
using cardan::Channel;
using cardan::ChannelOptions;
using cardan::Dtype;
using cardan::Field;
using cardan::FieldSpec;
using cardan::Pick;
using cardan::TransportKind;

namespace {

/// The first element that is not the step's; -1 where all are.
std::ptrdiff_t torn_at(std::span<const double> elements, std::int64_t step)
{
  const auto value = static_cast<double>(step);
  const auto other =
      std::find_if(elements.begin(), elements.end(), [&](double e) { return e != value; });
  return other == elements.end() ? -1 : other - elements.begin();
}

/// Rank 0 reads an array of which every other rank writes an equal part.
class Race {
 public:
  Race(TransportKind transport, std::int64_t elements, double seconds)
      : elements_(elements),
        seconds_(seconds),
        me_(test::world_rank()),
        random_{elements, static_cast<std::int64_t>(transport), me_},
        data_(static_cast<std::size_t>(elements))
  {
    options_.name = "race";
    options_.deadline = 20;
    options_.transport = transport;
    options_.policy = cardan::Policy::drop_oldest;
    // Writers stop together: parts of a step that some never wrote would not be a step.
    MPI_Comm_split(MPI_COMM_WORLD, me_ == 0 ? MPI_UNDEFINED : 0, me_, &writers_);
  }
  ~Race()
  {
    if (writers_ != MPI_COMM_NULL) MPI_Comm_free(&writers_);
  }
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  void run()
  {
    const int parts = test::world_size() - 1;
    const std::int64_t first = me_ == 0 ? 0 : elements_ * (me_ - 1) / parts;
    const std::int64_t end = me_ == 0 ? elements_ : elements_ * me_ / parts;
    const Box box{{elements_}, {first}, {end - first}};
    std::vector<FieldSpec> produced;
    std::vector<FieldSpec> consumed;
    (me_ == 0 ? consumed : produced).push_back({"u", Dtype::float64, box.count, box});
    Channel channel{MPI_COMM_WORLD, options_, produced, consumed};
    std::int64_t written = 0;
    if (me_ == 0)
      read(channel);
    else
      written = write(channel, end - first);
    MPI_Bcast(&written, 1, MPI_INT64_T, 1, MPI_COMM_WORLD);
    check(channel, written);
  }

 private:
  /// Steps from 1 on, as fast as it goes.
  std::int64_t write(Channel& channel, std::int64_t count)
  {
    const double start = MPI_Wtime();
    std::int64_t step = 0;
    for (int over = 0; over == 0;) {
      for (int i = 0; i < 64; ++i) {
        const auto value = static_cast<double>(++step);
        const auto own = std::span(data_).first(static_cast<std::size_t>(count));
        if (random_.chance(25)) {
          auto claim = channel.claim(step);
          if (!claim) continue;
          for (double& element : claim->span<double>("u")) element = value;
          claim->publish();
        } else {
          std::fill(own.begin(), own.end(), value);
          channel.put(step, {{"u", Field{own.data(), {count}}}});
        }
      }
      over = MPI_Wtime() - start > seconds_ ? 1 : 0;
      MPI_Bcast(&over, 1, MPI_INT, 0, writers_);
    }
    channel.close();
    return step;
  }

  void read(Channel& channel)
  {
    for (;;) {
      if (random_.chance(10)) {
        const auto step = channel.take({{"u", Field{data_}}}, Pick::latest);
        if (!step) return;
        look_at(data_, *step, true);
        continue;
      }
      if (random_.chance(50)) {
        if (const auto arrival = channel.try_peek(Pick::latest)) hold(*arrival);
        continue;
      }
      const auto arrival = channel.peek(Pick::latest);
      if (!arrival) return;
      hold(*arrival);
    }
  }

  /// Looks twice at what is held: the writer must not have come back to it meanwhile.
  void hold(const cardan::Arrival& arrival)
  {
    const std::int64_t step = arrival.step();
    const Field field = arrival.field("u");
    const std::span<const double> elements{static_cast<const double*>(field.data()),
                                           static_cast<std::size_t>(field.shape().product())};
    look_at(elements, step, true);
    const std::int64_t pause = random_.one_of<std::int64_t>({0, 0, 0, 20, 300});
    if (pause > 0)
      std::this_thread::sleep_for(std::chrono::microseconds(random_.between(1, pause)));
    REQUIRE(arrival.step() == step);
    look_at(elements, step, false);
  }

  void look_at(std::span<const double> elements, std::int64_t step, bool first)
  {
    CAPTURE(step);
    REQUIRE(elements.size() == static_cast<std::size_t>(elements_));
    REQUIRE(torn_at(elements, step) == -1);
    if (!first) return;
    REQUIRE(step > newest_);
    newest_ = step;
    ++taken_;
  }

  void check(const Channel& channel, std::int64_t written) const
  {
    const cardan::ChannelCounters& counters = channel.counters();
    if (me_ != 0) {
      CHECK(counters.put == written);
      CHECK(counters.written + counters.dropped == written * channel.peers());
      return;
    }
    MESSAGE(std::string(to_string(options_.transport)), ", ", elements_ * 8, " B: ", written,
            " steps written, ", taken_, " taken");
    CHECK(counters.taken == taken_);
    CHECK(taken_ > 0);
    CHECK(counters.missed > 0);
    CHECK(counters.taken + counters.missed == written);
    // Only a step whose slot was being read can be left out: each writer's last, at most.
    CHECK(newest_ <= written);
    CHECK(newest_ >= written - channel.peers());
  }

  std::int64_t elements_;
  double seconds_;
  int me_;
  test::Random random_;
  std::vector<double> data_;
  ChannelOptions options_;
  MPI_Comm writers_ = MPI_COMM_NULL;
  std::int64_t newest_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace

TEST_CASE("a torn array is noticed")
{
  std::vector<double> elements(4096, 7);
  CHECK(torn_at(elements, 7) == -1);
  CHECK(torn_at(elements, 8) == 0);
  elements.back() = 8;
  CHECK(torn_at(elements, 7) == 4095);
  elements.assign(4096, 7);
  std::fill(elements.begin() + 1000, elements.end(), 6);
  CHECK(torn_at(elements, 7) == 1000);
}

TEST_CASE("the newest step is whole and stays so while it is held, however fast the next ones come")
{
  const std::vector<TransportKind> transports{TransportKind::shared, TransportKind::rma,
                                              TransportKind::two_sided};
  const std::vector<std::int64_t> sizes{1, 512, 4096, 32768};
  const auto seconds = static_cast<double>(
      test::environment("CARDAN_TORN_SECONDS", test::world_size() == 2 ? 10 : 3));
  const double each = seconds / static_cast<double>(transports.size() * sizes.size());
  for (const auto transport : transports)
    for (const auto elements : sizes)
      Race(transport, std::max<std::int64_t>(elements, test::world_size() - 1), each).run();
}
