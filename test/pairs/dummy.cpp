// A program in C++ that is one end of two channels, or that simulates beside cardan-ml: dummy-cpp
// produce|consume|ask. It has no session with its channels: its arrays are in the run file's order.
#include <cardan/cardan.hpp>

#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using cardan::Channel;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;

constexpr std::int64_t nx = 12;
constexpr std::int64_t ny = 10;
constexpr std::int64_t steps = 3;

void check(bool fine, const char* what)
{
  if (fine) return;
  std::fprintf(stderr, "dummy-cpp: this does not hold: %s\n", what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

struct Group {
  explicit Group(bool is_producer) : produces(is_producer)
  {
    int all = 0;
    MPI_Comm_size(MPI_COMM_WORLD, &all);
    MPI_Comm_split(MPI_COMM_WORLD, produces ? 1 : 0, 0, &comm);
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    others = all - ranks;
  }
  bool produces;
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  int ranks = 0;
  int others = 0;
};

// u[x][y] with ghosts; producers are cut in x, consumers in y.
void boxes(const Group& group)
{
  Extents offset{0, 0};
  Extents count{nx, ny};
  const int cut = group.produces ? 0 : 1;
  const std::int64_t extent = count[cut];
  offset[cut] = extent * group.rank / group.ranks;
  count[cut] = extent * (group.rank + 1) / group.ranks - offset[cut];
  constexpr std::int64_t row = ny + 2;
  std::vector<double> u(static_cast<std::size_t>((nx + 2) * row));
  const auto at = [&](std::int64_t x, std::int64_t y) -> double& {
    return u[static_cast<std::size_t>((x + 1) * row + y + 1)];
  };
  const Field field = Field{&at(0, 0), count, {row, 1}}.in({{nx, ny}, offset, count});
  const std::vector<FieldSpec> mine{FieldSpec::of("u", field)};
  Channel channel{MPI_COMM_WORLD,
                  {.name = "boxes"},
                  group.produces ? mine : std::vector<FieldSpec>{},
                  group.produces ? std::vector<FieldSpec>{} : mine};
  for (std::int64_t step = 1; step <= steps; ++step) {
    std::fill(u.begin(), u.end(), -1);
    const auto value = [&](std::int64_t x, std::int64_t y) {
      return static_cast<double>(1000 * step + 20 * (x + offset[0]) + y + offset[1]);
    };
    if (!group.produces) check(channel.take({{"u", field}}) == step, "the step");
    for (std::int64_t x = 0; x < count[0]; ++x)
      for (std::int64_t y = 0; y < count[1]; ++y)
        if (group.produces)
          at(x, y) = value(x, y);
        else
          check(at(x, y) == value(x, y), "u");
    if (group.produces) channel.put(step, {{"u", field}});
    check(at(-1, -1) < 0 && at(count[0], 0) < 0 && at(0, count[1]) < 0, "the ghosts");
  }
}

void batches(const Group& group)
{
  const std::int64_t mine = group.rank + 2;
  const FieldSpec spec{"samples", cardan::Dtype::float64, {group.produces ? mine : 0, 2}, {}, {}};
  const std::vector<FieldSpec> some{spec};
  Channel channel{MPI_COMM_WORLD,
                  {.name = "batches"},
                  group.produces ? some : std::vector<FieldSpec>{},
                  group.produces ? std::vector<FieldSpec>{} : some};
  double sum = 0;
  if (group.produces) {
    std::vector<double> samples;
    for (std::int64_t i = 0; i < mine; ++i)
      for (const double half : {0.0, 0.5})
        samples.push_back(100.0 * group.rank + static_cast<double>(i) + half);
    for (std::int64_t step = 1; step <= steps; ++step)
      channel.put(step, {{"samples", Field{samples, {mine, 2}}}});
    return;
  }
  while (const auto arrival = channel.peek()) {
    const Field& view = arrival->field("samples");
    const auto* data = static_cast<const double*>(view.data());
    for (std::int64_t i = 0; i < view.samples(); ++i) {
      const double* at = data + i * view.strides()[0];
      check(at[view.strides()[1]] == at[0] + 0.5, "a sample");
      sum += at[0];
    }
  }
  double wanted = 0;
  for (int p = 0; p < group.others; ++p)
    for (int i = 0; i < p + 2; ++i) wanted += static_cast<double>(steps) * (100.0 * p + i);
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, group.comm);
  check(sum == wanted, "the sum of all samples");
}

void ask()
{
  cardan::Session session{MPI_COMM_WORLD, "pairs.toml"};
  auto twice = session.surrogate("twice");
  std::vector<double> x(16);
  std::vector<double> y(16);
  bool trusted = false;
  for (const auto step : session.steps(100000)) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = std::sin(static_cast<double>(16 * step) + static_cast<double>(i));
    trusted = static_cast<bool>(twice.predict({{"x", x}}, {{"y", y}}));
    for (std::size_t i = 0; i < x.size(); ++i) {
      check(!trusted || std::abs(y[i] - 2 * x[i]) < 1e-6, "an answer");
      y[i] = 2 * x[i];
    }
    twice.observe({{"x", x}}, {{"y", y}});
    if (trusted) break;
  }
  check(trusted, "the model learned");
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  check(argc == 2, "one argument: produce, consume or ask");
  const std::string_view role = argv[1];
  try {
    if (role == "ask") {
      ask();
    } else {
      const Group group{role == "produce"};
      boxes(group);
      batches(group);
    }
  } catch (const cardan::Error& error) {
    check(false, error.what());
  }
  MPI_Finalize();
  return 0;
}
