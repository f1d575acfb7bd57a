// What stands around a tuning of one's own trainings.
#include <cardan/cardan.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct Network {
  struct Weights {
    double all[64];
  };
  double train(std::int64_t epochs, MPI_Comm comm);
  std::size_t save(std::span<std::byte> state) const;
  void load(std::span<const std::byte> state);
};
struct Networks {
  void make(int slot, const std::vector<double>& values, std::uint64_t seed);
  Network& at(int slot);
  void erase(int slot);
};
std::int64_t tune(cardan::Session& session, Networks& networks);

std::int64_t tune(cardan::Session& session, Networks& networks)
{
  // The block.
  return report.total_epochs;
}
