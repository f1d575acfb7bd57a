/* Steering in C, with a decider in C: to one, some and all ranks, and to none. */
#include "calls.h"
#include "decider.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOLDS(what) expect((what) ? CARDAN_OK : CARDAN_ERROR, CARDAN_OK, #what, "")

/* What is bound: every second column of a matrix of Fortran's order, and every second number
 * backwards. */
static double wide[6][2];
static float spread[6];
static int32_t order;
static int64_t m;
static int rank, ranks, coupled;

static void bind(cardan_steering* steering)
{
  const int64_t state_shape[] = {2, 3}, u_shape[] = {3};
  cardan_array state = cardan_array_of_const(wide, CARDAN_FLOAT64, 2, state_shape);
  state.strides[0] = 1;
  state.strides[1] = 4;
  cardan_array u = cardan_array_of(&spread[5], CARDAN_FLOAT32, 1, u_shape);
  u.strides[0] = -2;
  const cardan_array asked = cardan_array_of_const(&order, CARDAN_INT32, 0, NULL);
  const cardan_array number = cardan_array_of(&m, CARDAN_INT64, 0, NULL);
  FINE(cardan_steering_report_field(steering, "state", &state));
  FINE(cardan_steering_report_field(steering, "order", &asked));
  FINE(cardan_steering_decision_field(steering, "u", &u));
  FINE(cardan_steering_decision_field(steering, "m", &number));
}

static double state_of(int of_rank, int step, int i, int j)
{
  return 100 * of_rank + 10 * step + 3 * i + j;
}

static void report(cardan_session* session, cardan_steering* steering, int step, int asked)
{
  FINE(cardan_session_step(session, step));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) wide[2 * j][i] = state_of(rank, step, i, j);
  order = asked;
  FINE(cardan_steering_report(steering));
  /* They may change now. */
  memset(wide, 0, sizeof wide);
  order = -1;
}

/* What this rank holds after a report of another one, or is as it was. */
static int holds_sums(int of_rank, int step)
{
  int right = 1;
  for (int j = 0; j < 3; ++j) {
    const double sum = state_of(of_rank, step, 0, j) + state_of(of_rank, step, 1, j) + of_rank;
    right = right && fabs(spread[5 - 2 * j] - sum) < 1e-3;
    right = right && fabs(spread[4 - 2 * j] + 1) < 1e-6;
  }
  return right;
}

static void forget(void)
{
  for (int i = 0; i < 6; ++i) spread[i] = -1;
  m = -1;
}

static int untouched(void)
{
  int same = m == -1;
  for (int i = 0; i < 6; ++i) same = same && fabs(spread[i] + 1) < 1e-6;
  return same;
}

/* Waits for the decision that a report of `of_rank` brings. */
static void take(cardan_steering* steering, int of_rank, int step, int asked)
{
  int decided = -1;
  cardan_decision_stamp stamp;
  FINE(cardan_steering_wait(steering, coupled ? 20 : 0.01, &decided));
  HOLDS(decided == coupled);
  if (!coupled) {
    HOLDS(untouched());
    return;
  }
  HOLDS(holds_sums(of_rank, step) && m == 2 * asked);
  FINE(cardan_steering_stamp(steering, &stamp));
  HOLDS(stamp.id > 0 && stamp.rank >= 0 && stamp.step == step && stamp.age_steps == 0);
  HOLDS(stamp.version == (asked == ALL ? 0 : 7));
  HOLDS(strcmp(stamp.reason, asked == ALL ? "" : "the sums are known") == 0);
  HOLDS(fabs(stamp.work - (asked == ALL ? 0 : 0.25)) < 1e-12);
  /* Clocks of ranks of one node are one. */
  HOLDS(stamp.latency >= 0 && stamp.latency < 60);
}

static void not_started(cardan_steering* steering)
{
  int decided = 5;
  cardan_decision_stamp stamp;
  cardan_steering_counters counters;
  MISUSE("not started", cardan_steering_report(steering));
  MISUSE("not started", cardan_steering_poll(steering, &decided));
  MISUSE("not started", cardan_steering_wait(steering, 1, &decided));
  MISUSE("not started", cardan_steering_stamp(steering, &stamp));
  MISUSE("not started", cardan_steering_counted(steering, &counters));
  HOLDS(decided == 5);
}

static void refused(cardan_steering* steering)
{
  double x[2] = {0};
  const int64_t shape[] = {2};
  const cardan_array other = cardan_array_of(x, CARDAN_FLOAT64, 1, shape);
  int decided = 5;
  MISUSE("started already", cardan_steering_start(steering));
  MISUSE("'stamp'", cardan_steering_stamp(steering, NULL));
  MISUSE("'counters'", cardan_steering_counted(steering, NULL));
  MISUSE("'seconds'", cardan_steering_wait(steering, -1, &decided));
  MISUSE("'seconds'", cardan_steering_wait(steering, NAN, &decided));
  FAILS("'other'", cardan_steering_report_field(steering, "other", &other));
  FAILS("known: u, m", cardan_steering_decision_field(steering, "n", &other));
  /* Of another shape, and of another dtype. */
  FINE(cardan_steering_report_field(steering, "state", &other));
  FAILS("state", cardan_steering_report(steering));
  FINE(cardan_steering_decision_field(steering, "u", &other));
  FAILS("'u'", cardan_steering_poll(steering, &decided));
  HOLDS(decided == 5);
  bind(steering);
}

static void steer(cardan_session* session)
{
  MPI_Comm comm = MPI_COMM_NULL;
  int64_t ml = 0;
  FINE(cardan_session_comm(session, &comm));
  FINE(cardan_session_ml_ranks(session, &ml));
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  coupled = ml > 0;
  cardan_steering* steering = NULL;
  int decided = -1;
  FINE(cardan_steering_open(session, "control", &steering));
  bind(steering);
  not_started(steering);
  FINE(cardan_steering_start(steering));
  cardan_decision_stamp stamp;
  FINE(cardan_steering_stamp(steering, &stamp));
  HOLDS(stamp.id == 0 && stamp.step == -1 && strcmp(stamp.reason, "") == 0);
  refused(steering);

  int step = 0;
  for (; step < 5; ++step) {
    forget();
    report(session, steering, step, REPORTER);
    take(steering, rank, step, REPORTER);
  }
  /* What the decider sends wrongly is not sent. */
  forget();
  report(session, steering, step, WRONG);
  take(steering, rank, step, WRONG);
  /* What is sent to all must not come before what a rank waits for. */
  MPI_Barrier(comm);
  /* Rank by rank: what one reports all are told, or the first and the last. */
  for (int teller = 0; teller < ranks; ++teller)
    for (int asked = ALL; asked <= ENDS; ++asked) {
      ++step;
      forget();
      if (rank == teller) report(session, steering, step, asked);
      if (rank != teller) FINE(cardan_session_step(session, step));
      if (asked == ALL || rank == 0 || rank == ranks - 1) take(steering, teller, step, asked);
      MPI_Barrier(comm);
    }
  /* None: nobody answers, and nothing changes; a decider that fails goes on. */
  forget();
  report(session, steering, ++step, NOBODY);
  report(session, steering, ++step, FAILURE);
  FINE(cardan_steering_wait(steering, 0.05, &decided));
  HOLDS(decided == 0 && untouched());
  FINE(cardan_steering_poll(steering, &decided));
  HOLDS(decided == 0 && untouched());
  FINE(cardan_steering_poll(steering, NULL));
  report(session, steering, ++step, REPORTER);
  take(steering, rank, step, REPORTER);
  /* Of two decisions the second one is what stays, whether the first was seen or not. */
  forget();
  report(session, steering, ++step, TWICE);
  for (int tries = 0; coupled && m != 2 * TWICE && tries < 2; ++tries)
    FINE(cardan_steering_wait(steering, 20, &decided));
  HOLDS(m == (coupled ? 2 * TWICE : -1));

  cardan_steering_counters counters;
  FINE(cardan_steering_counted(steering, &counters));
  HOLDS(!coupled || (counters.reported == 12 && counters.dropped == 0));
  HOLDS(counters.applied <= counters.arrived && counters.late == 0);
  HOLDS(coupled ? counters.applied > 0 : counters.arrived == 0);
  FINE(cardan_steering_close(&steering));
  HOLDS(steering == NULL);
}

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  int serves = 0, status = 0, world = 0, me = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &world);
  MPI_Comm_rank(MPI_COMM_WORLD, &me);
  char name[40];
  snprintf(name, sizeof name, "c_steering_%d.toml", world);
  FILE* file = me == 0 ? fopen(name, "w") : NULL;
  if (file != NULL) {
    fprintf(file,
            "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = %d }\n"
            "[steering.control]\nkind = \"sums\"\n",
            world / 2 < 2 ? world / 2 : 2);
    fclose(file);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  test_register_decider();
  cardan_session* session = NULL;
  cardan_steering* none = NULL;
  FINE(cardan_session_open(MPI_COMM_WORLD, name, NULL, &session));
  FINE(cardan_session_serves(session, &serves));
  if (serves) {
    MISUSE("ML rank", cardan_steering_open(session, "control", &none));
    FINE(cardan_session_serve(session, &status));
    HOLDS(status == 0);
  } else {
    steer(session);
  }
  FINE(cardan_session_close(&session));
  test_decider_failures();
  if (failures > 0) MPI_Abort(MPI_COMM_WORLD, 1);
  if (me == 0) remove(name);
  MPI_Finalize();
}
