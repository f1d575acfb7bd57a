#include <cardan/cardan.hpp>
#include "reactor.hpp"  // the simulation: it has never heard of Cardan

// mpirun -n 4 reactor reactor.toml                                  ranks split by the run file
// mpirun -n 3 reactor reactor.toml : -n 1 cardan-ml reactor.toml    or by program
int main(int argc, char** argv)
{
  return cardan::run(argc, argv, [](cardan::Session& session) {
    reactor::Solver solver{session.comm(), session.config("reactor")};
    auto kinetics = session.surrogate("kinetics");
    for (auto step : session.steps(solver.steps())) {
      if (!kinetics.predict({{"state", solver.state()}}, {{"advanced", solver.advanced()}})) {
        solver.integrate_kinetics();  // late, unsure or absent: compute it, and teach
        kinetics.observe({{"state", solver.state()}}, {{"advanced", solver.advanced()}});
      }
      solver.diffuse();
    }
  });
}
