/* A program in C that is one end of two channels, or that simulates beside cardan-ml: dummy-c
 * produce|consume|ask. Its arrays are a[y][x], and the run file says the other order. */
#include <cardan/cardan.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { nx = 12, ny = 10, steps = 3 };

static void check(int fine, const char* what)
{
  if (fine) return;
  fprintf(stderr, "dummy-c: this does not hold: %s\n", what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static void done(cardan_status status)
{
  check(status == CARDAN_OK, cardan_last_error());
}

/* x of producers, y of consumers is cut between `count` ranks. */
static void part(int extent, int rank, int count, int64_t* first, int64_t* size)
{
  *first = extent * rank / count;
  *size = extent * (rank + 1) / count - *first;
}

static void boxes(cardan_session* session, int produces, int rank, int ranks)
{
  static double u[ny + 2][nx + 2];
  const int64_t global[] = {ny, nx};
  int64_t offset[] = {0, 0}, shape[] = {ny, nx};
  part(produces ? nx : ny, rank, ranks, &offset[produces], &shape[produces]);
  cardan_array array =
      cardan_array_in(cardan_array_of(&u[1][1], CARDAN_FLOAT64, 2, shape), global, offset);
  array.strides[0] = nx + 2;
  array.axes = "y x";
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, MPI_COMM_WORLD, "boxes", NULL, &channel));
  done((produces ? cardan_channel_produce : cardan_channel_consume)(channel, "u", &array));
  done(cardan_channel_start(channel));
  for (int64_t step = 1; step <= steps; ++step) {
    for (int y = 0; y < ny + 2; ++y)
      for (int x = 0; x < nx + 2; ++x) u[y][x] = -1;
    int64_t found = step;
    int taken = 1;
    for (int turn = 0; turn < 2; ++turn) {
      for (int y = 0; y < shape[0]; ++y)
        for (int x = 0; x < shape[1]; ++x) {
          const double value = (double)(1000 * step + 20 * (x + offset[1]) + y + offset[0]);
          if (produces && turn == 0) u[y + 1][x + 1] = value;
          if (!produces && turn == 1) check(fabs(u[y + 1][x + 1] - value) <= 0, "u");
        }
      if (produces && turn == 0) done(cardan_channel_put(channel, step));
      if (!produces && turn == 0) done(cardan_channel_take(channel, CARDAN_NEXT, &found, &taken));
      check(taken && found == step, "the step");
    }
    check(u[0][0] < 0 && u[shape[0] + 1][1] < 0 && u[1][shape[1] + 1] < 0, "the ghosts");
  }
  done(cardan_channel_close(&channel));
}

/* Producer p puts p + 2 samples a step, of two values each: 100 p + sample, and the same and a
 * half. */
static void batches(cardan_session* session, int produces, int rank, int producers, MPI_Comm group)
{
  static double samples[2][16];
  int64_t shape[] = {2, produces ? rank + 2 : 0};
  cardan_array array = cardan_array_of(samples, CARDAN_FLOAT64, 2, shape);
  array.strides[0] = 16;
  array.axes = "value sample";
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, MPI_COMM_WORLD, "batches", NULL, &channel));
  done((produces ? cardan_channel_produce : cardan_channel_consume)(channel, "samples", &array));
  done(cardan_channel_start(channel));
  double sum = 0, wanted = 0;
  for (int64_t step = 1; produces && step <= steps; ++step) {
    for (int i = 0; i < rank + 2; ++i) {
      samples[0][i] = 100 * rank + i;
      samples[1][i] = samples[0][i] + 0.5;
    }
    done(cardan_channel_put(channel, step));
  }
  while (!produces) {
    int64_t step = 0;
    int arrived = 0;
    done(cardan_channel_peek(channel, CARDAN_NEXT, 1, &step, NULL, &arrived));
    if (!arrived) break;
    cardan_array view;
    done(cardan_channel_arrived(channel, "samples", &view));
    const double* data = view.data;
    check(view.shape[0] == 2, "values of a sample");
    for (int64_t i = 0; i < view.shape[1]; ++i) {
      const double* at = data + i * view.strides[1];
      check(fabs(at[view.strides[0]] - at[0] - 0.5) <= 0, "a sample");
      sum += at[0];
    }
    done(cardan_channel_release(channel));
  }
  done(cardan_channel_close(&channel));
  if (produces) return;
  for (int p = 0; p < producers; ++p)
    for (int i = 0; i < p + 2; ++i) wanted += steps * (100 * p + i);
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, group);
  check(fabs(sum - wanted) <= 0, "the sum of all samples");
}

static void ask(void)
{
  double x[16], y[16];
  const int64_t cells = 16;
  int trusted = 0;
  cardan_session* session = NULL;
  cardan_surrogate* twice = NULL;
  const cardan_array in = cardan_array_of_const(x, CARDAN_FLOAT64, 1, &cells);
  const cardan_array out = cardan_array_of(y, CARDAN_FLOAT64, 1, &cells);
  done(cardan_session_open(MPI_COMM_WORLD, "pairs.toml", NULL, &session));
  done(cardan_surrogate_open(session, "twice", &twice));
  done(cardan_surrogate_input(twice, "x", &in));
  done(cardan_surrogate_output(twice, "y", &out));
  for (int64_t step = 1; step <= 100000 && !trusted; ++step) {
    done(cardan_session_step(session, step));
    for (int i = 0; i < cells; ++i) x[i] = sin((double)(step * cells + i));
    done(cardan_surrogate_predict(twice, &trusted));
    for (int i = 0; i < cells; ++i) {
      check(!trusted || fabs(y[i] - 2 * x[i]) < 1e-6, "an answer");
      y[i] = 2 * x[i];
    }
    done(cardan_surrogate_observe(twice));
  }
  check(trusted, "the model learned");
  done(cardan_session_close(&session));
}

int main(int argc, char** argv)
{
  int rank = 0, ranks = 0, all = 0, provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  check(argc == 2, "one argument: produce, consume or ask");
  if (strcmp(argv[1], "ask") == 0) {
    ask();
  } else {
    const int produces = strcmp(argv[1], "produce") == 0;
    MPI_Comm group = MPI_COMM_NULL;
    cardan_session* session = NULL;
    MPI_Comm_size(MPI_COMM_WORLD, &all);
    MPI_Comm_split(MPI_COMM_WORLD, produces, 0, &group);
    MPI_Comm_rank(group, &rank);
    MPI_Comm_size(group, &ranks);
    done(cardan_session_open(group, "pairs.toml", NULL, &session));
    boxes(session, produces, rank, ranks);
    batches(session, produces, rank, all - ranks, group);
    done(cardan_session_close(&session));
    MPI_Comm_free(&group);
  }
  MPI_Finalize();
  return 0;
}
