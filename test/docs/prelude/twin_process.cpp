// What stands around a twin of one's own. Its registration is a statement of a function.
#include <cardan/cardan.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <memory>

struct Filter {
  Filter(int members, MPI_Comm comm);
  void forecast_to(double time);
  void assimilate(const double* observed);
  void remember(std::int64_t cycle, const std::byte* observed);
  void write_sites(std::int32_t* sites);
  void write_control(double* control);
};

void prepare();

void prepare()
{
  // The block.
}
