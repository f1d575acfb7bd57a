// Teaches y = x^2, and says at the end whether this rank has Torch in its process.
#include <cardan/cardan.hpp>

#include <mpi.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv)
{
  return cardan::run(argc, argv, [](cardan::Session& session) {
    auto square = session.surrogate("square");
    std::vector<double> x(64);
    std::vector<double> y(64);
    const double begin = MPI_Wtime();
    while (square.counters().trusted == 0 && MPI_Wtime() - begin < 30) {
      for (auto step : session.steps(100))
        for (std::size_t i = 0; i < x.size(); ++i) {
          x[i] = 0.01 * static_cast<double>((7 * step + 3 * static_cast<int>(i)) % 100);
          y[i] = x[i] * x[i];
          if (i + 1 < x.size()) continue;
          square.observe({{"x", x}}, {{"y", y}});
          square.predict({{"x", x}}, {{"y", y}});
        }
    }
    std::ifstream maps{"/proc/self/maps"};
    const std::string all{std::istreambuf_iterator<char>(maps), {}};
    const bool torch = all.find("libtorch") != std::string::npos;
    std::cerr << "simulation " << (torch ? "with" : "without") << " torch, "
              << (square.counters().trusted > 0 ? "answered" : "never answered") << std::endl;
  });
}
