#include "furnace.hpp"

#include <cstdio>

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  furnace::Row row{MPI_COMM_WORLD, 256};
  for (int step = 0; step < 200; ++step) {
    row.burn();
    row.conduct();
  }
  const double mean = row.mean();
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) std::printf("mean temperature %.6f\n", mean);
  MPI_Finalize();
}
