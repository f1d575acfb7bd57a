// A twin that throws, as a program has it: the run ends, and says why.
#include <cardan/cardan.hpp>
#include <cardan/twin.hpp>

#include <mpi.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace {

class Thrower : public cardan::TwinProcess {
 public:
  explicit Thrower(const cardan::TwinPlace& place) : place_(place) {}
  void cycle(const cardan::TwinCycle& cycle, std::byte* const* answer) override
  {
    if (cycle.cycle == 3 && place_.rank == place_.ranks - 1)
      throw std::runtime_error("the last twin rank gives up");
    // The others wait for it.
    MPI_Barrier(place_.comm);
    std::memcpy(answer[0], &cycle.time, sizeof cycle.time);
  }

 private:
  cardan::TwinPlace place_;
};

}  // namespace

int main(int argc, char** argv)
{
  cardan::register_twin(
      "thrower", [](const cardan::Config&, const cardan::Signature&,
                    const cardan::TwinPlace& place) { return std::make_unique<Thrower>(place); });
  return cardan::run(argc, argv, [](cardan::Session& session) {
    auto twin =
        session.twin("t", {{"x", cardan::Dtype::float64, {}}}, {{"u", cardan::Dtype::float64, {}}});
    double x = 0;
    double u = 0;
    for (std::int64_t k = 0; k < 1000; ++k) {
      twin.begin(k);
      twin.publish({{"x", cardan::Field{&x, {}}}});
      static_cast<void>(twin.answer({{"u", cardan::Field{&u, {}}}}));
    }
  });
}
