/* A reaction u' = -u^3 in every cell of a ring of ranks, with diffusion between the cells.
 *
 * mpirun -n 4 reactor                                  ranks split by the run file
 * mpirun -n 3 reactor : -n 1 cardan-ml reactor.toml    or by program */
#include <cardan/cardan.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void check(cardan_status status)
{
  if (status == CARDAN_OK) return;
  fprintf(stderr, "reactor: %s\n", cardan_last_error());
  MPI_Abort(MPI_COMM_WORLD, 1);
}

/* The exact flow of u' = -u^3 over a step. */
static void integrate(const double* state, double* advanced, int64_t cells)
{
  const double dt = 0.01;
  for (int64_t i = 0; i < cells; ++i)
    advanced[i] = state[i] / sqrt(1 + 2 * dt * state[i] * state[i]);
}

static void diffuse(MPI_Comm comm, const double* advanced, double* state, int64_t cells)
{
  int rank = 0, ranks = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int left = (rank + ranks - 1) % ranks, right = (rank + 1) % ranks;
  double before = 0, after = 0;
  MPI_Sendrecv(&advanced[cells - 1], 1, MPI_DOUBLE, right, 0, &before, 1, MPI_DOUBLE, left, 0, comm,
               MPI_STATUS_IGNORE);
  MPI_Sendrecv(&advanced[0], 1, MPI_DOUBLE, left, 1, &after, 1, MPI_DOUBLE, right, 1, comm,
               MPI_STATUS_IGNORE);
  for (int64_t i = 0; i < cells; ++i) {
    const double west = i == 0 ? before : advanced[i - 1];
    const double east = i + 1 == cells ? after : advanced[i + 1];
    state[i] = advanced[i] + 0.1 * (west - 2 * advanced[i] + east);
  }
}

static void simulate(cardan_session* session)
{
  int64_t cells = 64, steps = 50;
  MPI_Comm comm = MPI_COMM_NULL;
  check(cardan_config_integer(session, "reactor", "cells", &cells));
  check(cardan_config_integer(session, "reactor", "steps", &steps));
  check(cardan_session_comm(session, &comm));
  double* state = malloc((size_t)cells * sizeof *state);
  double* advanced = malloc((size_t)cells * sizeof *advanced);
  if (state == NULL || advanced == NULL) MPI_Abort(MPI_COMM_WORLD, 1);
  for (int64_t i = 0; i < cells; ++i) state[i] = 1 + 0.5 * sin(0.1 * (double)i);

  const cardan_array in = cardan_array_of_const(state, CARDAN_FLOAT64, 1, &cells);
  const cardan_array out = cardan_array_of(advanced, CARDAN_FLOAT64, 1, &cells);
  cardan_surrogate* kinetics = NULL;
  check(cardan_surrogate_open(session, "kinetics", &kinetics));
  check(cardan_surrogate_input(kinetics, "state", &in));
  check(cardan_surrogate_output(kinetics, "advanced", &out));
  for (int64_t step = 1; step <= steps; ++step) {
    int trusted = 0;
    check(cardan_session_step(session, step));
    check(cardan_surrogate_predict(kinetics, &trusted));
    if (!trusted) { /* late, unsure or absent: compute it, and teach */
      integrate(state, advanced, cells);
      check(cardan_surrogate_observe(kinetics));
    }
    diffuse(comm, advanced, state, cells);
  }
  check(cardan_surrogate_close(&kinetics));
  free(state);
  free(advanced);
}

int main(int argc, char** argv)
{
  int provided = 0, serves = 0, status = 0;
  cardan_session* session = NULL;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  check(cardan_session_open(MPI_COMM_WORLD, "reactor.toml", NULL, &session));
  check(cardan_session_serves(session, &serves));
  if (serves)
    check(cardan_session_serve(session, &status));
  else
    simulate(session);
  check(cardan_session_close(&session));
  MPI_Finalize();
  return status;
}
