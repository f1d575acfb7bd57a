// Simulation ranks stay light: after a coupled run, in which the model answered, Torch is in the
// processes of ML ranks and in no other.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

/// Whether a library of this name is mapped into this process.
bool has_library(const std::string& name)
{
  std::ifstream maps{"/proc/self/maps"};
  const std::string all{std::istreambuf_iterator<char>(maps), {}};
  return all.find(name) != std::string::npos;
}

}  // namespace

TEST_CASE("Torch is loaded where it serves and nowhere else")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const int ml = std::min(ranks - 1, 2);
  const test::RunFile file{MPI_COMM_WORLD, "light", test::quiet_run(ml, test::surrogate("a"))};
  CHECK_FALSE(has_library("torch"));
  bool serves = false;
  {
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    serves = session.serves();
    if (serves) {
      CHECK(session.serve() == 0);
    } else {
      auto surrogate = session.surrogate("a");
      std::vector<double> x(40, 1.0);
      std::vector<double> y(40, 2.0);
      const cardan::Field inputs{x.data(), {40, 1}};
      const cardan::Field outputs{y.data(), {40, 1}};
      const double begin = MPI_Wtime();
      for (const auto step : session.steps(1000000)) {
        for (std::size_t i = 0; i < x.size(); ++i)
          x[i] = static_cast<double>((step + 1) * 7 + static_cast<int>(i));
        surrogate.observe({{"x", inputs}}, {{"y", outputs}});
        surrogate.predict({{"x", inputs}}, {{"y", outputs}});
        const int mine = ml == 0 || surrogate.counters().trusted > 0 ? 1 : 0;
        int all = 0;
        MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, session.comm());
        if (all != 0) break;
        REQUIRE(MPI_Wtime() - begin < 30);
      }
      CHECK_FALSE(has_library("torch"));
    }
  }
  CHECK(has_library("libcardan"));
  CHECK(has_library("libtorch") == serves);
}
