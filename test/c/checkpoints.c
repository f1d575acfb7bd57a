/* A C program whose arrays of many kinds and layouts are part of checkpoints; it is run by
 * test/support/checkpoints_of.py, which looks into its files.
 * checkpoints begin|go_on|repeat|stop|refused|refused_restart */
#include "calls.h"
#include "fields.h"

#include <string.h>

enum { STEPS = 6 };

#define EVERYWHERE(says, call) expect(call, CARDAN_ERROR_EVERYWHERE, #call, says)
#define HOLDS(what) expect((what) ? CARDAN_OK : CARDAN_ERROR, CARDAN_OK, #what, "")

static void protect_all(cardan_session* session, int wanted)
{
  MPI_Comm comm = MPI_COMM_NULL;
  FINE(cardan_session_comm(session, &comm));
  hold_all(comm);
  for (int i = 0; i < FIELDS; ++i) {
    int restored = -1;
    const cardan_protect_options* options = i == 1 || i == 6 ? &fields[i].options : NULL;
    FINE(cardan_session_protect(session, fields[i].name, &fields[i].array, options, &restored));
    HOLDS(restored == wanted);
  }
}

static int done, brought;

/* The field 5 is brought up to date before each checkpoint only. */
static void bring_up_to_date(void* user)
{
  visit(5, done - 1, 1);
  ++*(int*)user;
}

static void advance(int step)
{
  for (int i = 0; i < FIELDS; ++i)
    if (i != 5) visit(i, step, 1);
  done = step + 1;
}

static void run_steps(cardan_session* session, int64_t first)
{
  FINE(cardan_session_before_checkpoint(session, bring_up_to_date, &brought));
  for (int step = (int)first; step < STEPS; ++step) {
    int stopping = -1;
    FINE(cardan_session_step(session, step));
    FINE(cardan_session_stopping(session, &stopping));
    HOLDS(stopping == 0);
    advance(step);
  }
}

static void begin(cardan_session* session)
{
  int restarted = -1, whole = -1;
  int64_t first = -1;
  FINE(cardan_session_restarted(session, &restarted));
  FINE(cardan_session_first_step(session, &first));
  HOLDS(restarted == 0 && first == 0);
  protect_all(session, 0);
  run_steps(session, 0);
  HOLDS(brought == 1); /* every = 4: before step 4, when 4 steps are done */
  FINE(cardan_session_checkpoint(session));
  FINE(cardan_session_finish_checkpoints(session, &whole));
  HOLDS(whole == 1 && brought == 2);
}

/* The run file has a limit of time that is over at once. */
static void stop_early(cardan_session* session)
{
  int stopping = 0;
  protect_all(session, 0);
  FINE(cardan_session_before_checkpoint(session, bring_up_to_date, &brought));
  for (int step = 0; step < 100; ++step) {
    FINE(cardan_session_step(session, step));
    FINE(cardan_session_stopping(session, &stopping));
    if (stopping) break;
    advance(step);
  }
  HOLDS(stopping == 1);
  const int before = brought;
  FINE(cardan_session_checkpoint(session));
  HOLDS(before > 0 && brought == before); /* nothing more is written */
}

static void go_on(cardan_session* session, int wanted)
{
  int restarted = -1;
  int64_t first = -1;
  FINE(cardan_session_restarted(session, &restarted));
  FINE(cardan_session_first_step(session, &first));
  HOLDS(restarted == 1 && first == wanted);
  protect_all(session, 1);
  for (int i = 0; i < FIELDS; ++i) HOLDS(visit(i, wanted - 1, 0) == 0);
  HOLDS(untouched());
  done = (int)first;
  run_steps(session, first);
  FINE(cardan_session_checkpoint(session));
}

/* What is wrong is said to all ranks, and changes nothing. */
static void refused(cardan_session* session)
{
  MPI_Comm comm = MPI_COMM_NULL;
  FINE(cardan_session_comm(session, &comm));
  hold_all(comm);
  cardan_array array = fields[0].array;
  int restored = 5, rank = 0;
  MPI_Comm_rank(comm, &rank);
  MISUSE("'name'", cardan_session_protect(session, NULL, &array, NULL, NULL));
  MISUSE("'array'", cardan_session_protect(session, "x", NULL, NULL, NULL));
  MISUSE("'work'", cardan_session_before_checkpoint(session, NULL, NULL));
  MISUSE("'step'", cardan_session_first_step(session, NULL));
  MISUSE("'restarted'", cardan_session_restarted(session, NULL));
  MISUSE("'stopping'", cardan_session_stopping(session, NULL));
  array.rank = CARDAN_MAX_RANK + 1;
  EVERYWHERE("9 dimensions", cardan_session_protect(session, "x", &array, NULL, &restored));
  /* One rank's error is that of all. */
  array = fields[0].array;
  array.dtype = rank == 0 ? (cardan_dtype)77 : array.dtype;
  EVERYWHERE("'dtype' is 77", cardan_session_protect(session, "x", &array, NULL, &restored));
  array = fields[0].array;
  array.read_only = 1;
  EVERYWHERE("", cardan_session_protect(session, "x", &array, NULL, &restored));
  array = fields[0].array;
  ++array.global[0];
  EVERYWHERE("leave a gap", cardan_session_protect(session, "x", &array, NULL, &restored));
  array = fields[4].array;
  array.axes = NULL;
  EVERYWHERE("without its axes", cardan_session_protect(session, "cube", &array, NULL, &restored));
  array.axes = "x y t";
  EVERYWHERE("\"z\", \"y\", \"x\"",
             cardan_session_protect(session, "cube", &array, NULL, &restored));
  HOLDS(restored == 5);
  FINE(cardan_session_protect(session, "matrix", &fields[0].array, NULL, NULL));
  EVERYWHERE("twice", cardan_session_protect(session, "matrix", &fields[0].array, NULL, &restored));
  HOLDS(restored == 5);
  FINE(cardan_session_finish_checkpoints(session, NULL));
}

static void refused_restart(cardan_session* session)
{
  MPI_Comm comm = MPI_COMM_NULL;
  FINE(cardan_session_comm(session, &comm));
  hold_all(comm);
  int restored = 5;
  EVERYWHERE("no such field",
             cardan_session_protect(session, "other", &fields[0].array, NULL, &restored));
  EVERYWHERE("its shape is",
             cardan_session_protect(session, "backwards", &fields[0].array, NULL, &restored));
  HOLDS(restored == 5);
}

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  const char* what = argc > 1 ? argv[1] : "";
  const int first = strcmp(what, "begin") == 0 || strcmp(what, "stop") == 0;
  const int wrong = strcmp(what, "refused") == 0;
  cardan_session_options options = {0};
  cardan_session* session = NULL;
  int serves = 0, status = 0;
  if (!first && !wrong) options.restart = "latest";
  FINE(cardan_session_open(MPI_COMM_WORLD, "run.toml", &options, &session));
  FINE(cardan_session_serves(session, &serves));
  if (serves) {
    MISUSE("ML rank", cardan_session_protect(session, "x", &fields[0].array, NULL, NULL));
    MISUSE("ML rank", cardan_session_checkpoint(session));
    FINE(cardan_session_serve(session, &status));
    HOLDS(status == 0);
  }
  if (!serves && strcmp(what, "begin") == 0) begin(session);
  if (!serves && strcmp(what, "stop") == 0) stop_early(session);
  if (!serves && strcmp(what, "go_on") == 0) go_on(session, STEPS);
  if (!serves && strcmp(what, "repeat") == 0) go_on(session, 4);
  if (wrong) refused(session);
  if (strcmp(what, "refused_restart") == 0) refused_restart(session);
  FINE(cardan_session_close(&session));
  options.restart = "nowhere.h5";
  if (wrong)
    EVERYWHERE("nowhere.h5", cardan_session_open(MPI_COMM_WORLD, "run.toml", &options, &session));
  if (failures > 0) MPI_Abort(MPI_COMM_WORLD, 1);
  MPI_Finalize();
}
