/* A C program whose arrays of many kinds and layouts are part of checkpoints; checkpoints.py runs
 * it and looks into its files. checkpoints begin|go_on|refused. */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NX = 7, NY = 5, NZ = 3, SAMPLES = 10, STEPS = 6, FIELDS = 7 };

#define EVERYWHERE(says, call) expect(call, CARDAN_ERROR_EVERYWHERE, #call, says)
#define HOLDS(what) expect((what) ? CARDAN_OK : CARDAN_ERROR, CARDAN_OK, #what, "")

/* A field, and where this rank's part of it begins. */
struct held {
  const char* name;
  cardan_array array;
  cardan_protect_options options;
  int64_t first[3];
};
static struct held fields[FIELDS];

static double matrix[NX + 2][NY + 2];
static int32_t turned[NY][NX];
static int16_t backwards[2 * NX];
static float samples[SAMPLES][2];
static uint8_t cube[NX][NY][NZ];
static double now;
static int64_t table[4];

/* What belongs to an element after a step: small, and another one for each. */
static int value(int field, int step, const int64_t* index)
{
  return (int)((7 * field + 3 * step + 11 * index[0] + 5 * index[1] + 3 * index[2]) % 100);
}

static int as_int(const struct held* field, int64_t place)
{
  switch (field->array.dtype) {
    case CARDAN_FLOAT64: return (int)((double*)field->array.data)[place];
    case CARDAN_FLOAT32: return (int)((float*)field->array.data)[place];
    case CARDAN_INT16: return ((int16_t*)field->array.data)[place];
    case CARDAN_INT32: return ((int32_t*)field->array.data)[place];
    case CARDAN_INT64: return (int)((int64_t*)field->array.data)[place];
    default: return ((uint8_t*)field->array.data)[place];
  }
}

static void set(struct held* field, int64_t place, int number)
{
  switch (field->array.dtype) {
    case CARDAN_FLOAT64: ((double*)field->array.data)[place] = number; break;
    case CARDAN_FLOAT32: ((float*)field->array.data)[place] = (float)number; break;
    case CARDAN_INT16: ((int16_t*)field->array.data)[place] = (int16_t)number; break;
    case CARDAN_INT32: ((int32_t*)field->array.data)[place] = number; break;
    case CARDAN_INT64: ((int64_t*)field->array.data)[place] = number; break;
    default: ((uint8_t*)field->array.data)[place] = (uint8_t)number;
  }
}

/* Visits all elements of a field; with `writes` they become those of a step. Gives how many are
 * wrong. */
static int visit(int number, int step, int writes)
{
  struct held* field = &fields[number];
  int64_t shape[3] = {1, 1, 1}, strides[3] = {0}, at[3];
  int wrong = 0;
  for (int d = 0; d < field->array.rank; ++d) {
    shape[d] = field->array.shape[d];
    strides[d] = field->array.strides[d];
  }
  for (at[0] = 0; at[0] < shape[0]; ++at[0])
    for (at[1] = 0; at[1] < shape[1]; ++at[1])
      for (at[2] = 0; at[2] < shape[2]; ++at[2]) {
        int64_t place = 0, index[3];
        for (int d = 0; d < 3; ++d) {
          place += at[d] * strides[d];
          index[d] = at[d] + field->first[d];
        }
        if (writes)
          set(field, place, value(number, step, index));
        else
          wrong += as_int(field, place) != value(number, step, index);
      }
  return wrong;
}

static void hold(int number, const char* name, cardan_array array, int64_t first, int dimension)
{
  fields[number].name = name;
  fields[number].array = array;
  memset(fields[number].first, 0, sizeof fields[number].first);
  fields[number].first[dimension] = first;
}

static void cut(int length, int rank, int ranks, int64_t* first, int64_t* count)
{
  *first = (int64_t)length * rank / ranks;
  *count = (int64_t)length * (rank + 1) / ranks - *first;
}

static void hold_all(MPI_Comm comm)
{
  int rank = 0, ranks = 0;
  int64_t first = 0, count = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  cut(NX, rank, ranks, &first, &count);
  /* Within a border of ghosts. */
  cardan_array array =
      cardan_array_of(&matrix[1][1], CARDAN_FLOAT64, 2, (const int64_t[]){count, NY});
  array.strides[0] = NY + 2;
  array = cardan_array_in(array, (const int64_t[]){NX, NY}, (const int64_t[]){first, 0});
  hold(0, "matrix", array, first, 0);
  /* Every second number, from the last. */
  array = cardan_array_of(&backwards[count > 0 ? 2 * (count - 1) : 0], CARDAN_INT16, 1, &count);
  array.strides[0] = -2;
  hold(2, "backwards", cardan_array_in(array, (const int64_t[]){NX}, &first), first, 0);
  /* The first index varies fastest. */
  cut(NY, rank, ranks, &first, &count);
  array = cardan_array_of(turned, CARDAN_INT32, 2, (const int64_t[]){NX, count});
  array.strides[0] = 1;
  array.strides[1] = NX;
  array.axes = "x y";
  hold(1, "turned", cardan_array_in(array, (const int64_t[]){NX, NY}, (const int64_t[]){0, first}),
       first, 1);
  fields[1].options.units = "K";
  /* Others have it as z, y, x. */
  array = cardan_array_of(cube, CARDAN_UINT8, 3, (const int64_t[]){NX, count, NZ});
  array.strides[0] = (int64_t)NY * NZ;
  array.axes = "x y z";
  hold(4, "cube",
       cardan_array_in(array, (const int64_t[]){NX, NY, NZ}, (const int64_t[]){0, first, 0}), first,
       1);
  cut(SAMPLES, rank, ranks, &first, &count);
  hold(3, "samples", cardan_array_of(samples, CARDAN_FLOAT32, 2, (const int64_t[]){count, 2}),
       first, 0);
  hold(5, "now", cardan_array_of(&now, CARDAN_FLOAT64, 0, NULL), 0, 0);
  hold(6, "table", cardan_array_of(table, CARDAN_INT64, 1, (const int64_t[]){4}), 0, 0);
  fields[6].options.replicated = 1;
}

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

static int done;
static int brought;

/* The field 5 is brought up to date before each checkpoint only. */
static void bring_up_to_date(void* user)
{
  visit(5, done - 1, 1);
  ++*(int*)user;
}

static void run_steps(cardan_session* session, int64_t first)
{
  FINE(cardan_session_before_checkpoint(session, bring_up_to_date, &brought));
  for (int step = (int)first; step < STEPS; ++step) {
    int stopping = -1;
    FINE(cardan_session_step(session, step));
    FINE(cardan_session_stopping(session, &stopping));
    HOLDS(stopping == 0);
    for (int i = 0; i < FIELDS; ++i)
      if (i != 5) visit(i, step, 1);
    done = step + 1;
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

static void go_on(cardan_session* session, int wanted)
{
  int restarted = -1;
  int64_t first = -1;
  FINE(cardan_session_restarted(session, &restarted));
  FINE(cardan_session_first_step(session, &first));
  HOLDS(restarted == 1 && first == wanted);
  protect_all(session, 1);
  for (int i = 0; i < FIELDS; ++i) {
    const int wrong = visit(i, wanted - 1, 0);
    if (wrong > 0) fprintf(stderr, "%s: %d elements are wrong\n", fields[i].name, wrong);
    failures += wrong;
  }
  HOLDS(matrix[0][0] == 0 && matrix[NX + 1][NY + 1] == 0 && backwards[1] == 0);
  run_steps(session, first);
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
  cardan_session_options options = {0};
  cardan_session* session = NULL;
  int serves = 0;
  if (strcmp(what, "begin") != 0 && strcmp(what, "refused") != 0) options.restart = "latest";
  FINE(cardan_session_open(MPI_COMM_WORLD, "run.toml", &options, &session));
  FINE(cardan_session_serves(session, &serves));
  if (serves) {
    int status = 1;
    MISUSE("ML rank", cardan_session_protect(session, "x", &fields[0].array, NULL, NULL));
    MISUSE("ML rank", cardan_session_checkpoint(session));
    FINE(cardan_session_serve(session, &status));
    HOLDS(status == 0);
  } else if (strcmp(what, "begin") == 0) {
    begin(session);
  } else if (strcmp(what, "go_on") == 0) {
    go_on(session, STEPS);
  } else if (strcmp(what, "repeat") == 0) {
    go_on(session, 4);
  } else if (strcmp(what, "refused") == 0) {
    refused(session);
  } else {
    refused_restart(session);
  }
  FINE(cardan_session_close(&session));
  if (strcmp(what, "refused") == 0) {
    options.restart = "nowhere.h5";
    EVERYWHERE("nowhere.h5", cardan_session_open(MPI_COMM_WORLD, "run.toml", &options, &session));
  }
  /* Another rank's failure is as good as this one's. */
  if (failures > 0) MPI_Abort(MPI_COMM_WORLD, 1);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
