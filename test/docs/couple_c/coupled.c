#include "furnace.h"

#include <cardan/cardan.h>

#include <stdio.h>

enum { CELLS = 256, STEPS = 200 };

#define TRY(call)                             \
  do {                                        \
    const cardan_status status_ = (call);     \
    if (status_ != CARDAN_OK) return status_; \
  } while (0)

/* Two neighbouring numbers of each cell. */
static cardan_array numbers(double* first)
{
  const int64_t shape[] = {CELLS, 2};
  cardan_array array = cardan_array_of(first, CARDAN_FLOAT64, 2, shape);
  array.strides[0] = sizeof(struct cell) / sizeof(double);
  return array;
}

static cardan_status simulate(cardan_session* session)
{
  static struct cell cells[CELLS];
  MPI_Comm comm = MPI_COMM_NULL;
  TRY(cardan_session_comm(session, &comm)); /* in place of MPI_COMM_WORLD */
  furnace_light(comm, cells, CELLS);

  cardan_surrogate* burning = NULL;
  const cardan_array state = numbers(&cells->temperature);
  const cardan_array burnt = numbers(&cells->burnt_temperature);
  TRY(cardan_surrogate_open(session, "burning", &burning));
  TRY(cardan_surrogate_input(burning, "state", &state));
  TRY(cardan_surrogate_output(burning, "burnt", &burnt));

  for (int step = 0; step < STEPS; ++step) {
    int trusted = 0;
    const int64_t* left = NULL;
    int64_t count = 0;
    TRY(cardan_session_step(session, step));
    TRY(cardan_surrogate_predict(burning, &trusted));
    TRY(cardan_surrogate_untrusted(burning, &left, &count));
    for (int64_t i = 0; i < count; ++i) furnace_burn(&cells[left[i]]);
    if (!trusted) TRY(cardan_surrogate_observe_samples(burning, left, count));
    furnace_conduct(comm, cells, CELLS);
  }

  const double mean = furnace_mean(comm, cells, CELLS);
  cardan_counters of;
  TRY(cardan_surrogate_counters(burning, &of));
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  if (rank == 0) {
    printf("mean temperature %.6f\n", mean);
    printf("of %lld cells the model did %lld; not ready %lld, unsure %lld, outside %lld\n",
           (long long)of.asked, (long long)of.trusted, (long long)of.not_ready,
           (long long)of.unsure, (long long)of.outside);
  }
  return CARDAN_OK;
}

static int fail(cardan_status status, cardan_session** session)
{
  /* Where only this rank has the error, the others wait for it. */
  const int alone = status != CARDAN_ERROR_EVERYWHERE;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (alone || rank == 0) fprintf(stderr, "%s\n", cardan_last_error());
  if (*session != NULL) cardan_session_fail(session);
  if (alone) MPI_Abort(MPI_COMM_WORLD, 1);
  MPI_Finalize();
  return 1;
}

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  cardan_session* session = NULL;
  const char* run_file = argc > 1 ? argv[1] : "furnace.toml";
  int serves = 0;
  int exit_status = 0;
  cardan_status status = cardan_session_open(MPI_COMM_WORLD, run_file, NULL, &session);
  if (status == CARDAN_OK) status = cardan_session_serves(session, &serves);
  if (status == CARDAN_OK)
    status = serves ? cardan_session_serve(session, &exit_status) : simulate(session);
  if (status == CARDAN_OK) status = cardan_session_close(&session);
  if (status != CARDAN_OK) return fail(status, &session);
  MPI_Finalize();
  return exit_status;
}
