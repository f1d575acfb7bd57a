/* The side of axes.f90 in C: a simulation rank whose arrays have other orders, and the ML rank's
 * handler. */
#include <cardan/cardan.h>

#include <stdio.h>
#include <stdlib.h>

enum { cells = 6, species = 3, nx = 5, ny = 4, nz = 3 };

static void hold(int fine, const char* what)
{
  if (fine) return;
  fprintf(stderr, "C: this does not hold: %s\n", what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static void done(cardan_status status)
{
  hold(status == CARDAN_OK, cardan_last_error());
}

/* state[cell][species] on the ML rank, from whomever it comes. */
static int look(void* user, const cardan_array* inputs, int input_count, cardan_array* outputs,
                int output_count)
{
  (void)user;
  if (input_count != 1 || output_count != 1 || inputs->rank != 2 || inputs->shape[1] != species)
    return 1;
  const double* state = inputs->data;
  double* rates = outputs->data;
  for (int c = 0; c < inputs->shape[0]; ++c)
    for (int s = 0; s < species; ++s) {
      const double value = state[c * inputs->strides[0] + s * inputs->strides[1]];
      // The dry batch is of zeros.
      if (value > 0 && (int)value != 100 * (c % cells) + s + 1) return 2;
      rates[c * outputs->strides[0] + s * outputs->strides[1]] = value + 0.5;
    }
  return 0;
}

void axes_register(void)
{
  done(cardan_register_service("axes", look, NULL));
}

/* state[species][cell], of which every other element is somebody else's. */
static void ask(cardan_session* session)
{
  static double state[species][cells][2], rates[species][cells][2];
  for (int s = 0; s < species; ++s)
    for (int c = 0; c < cells; ++c) state[s][c][0] = 100 * c + s + 1;
  const int64_t shape[] = {species, cells};
  cardan_array in = cardan_array_of_const(state, CARDAN_FLOAT64, 2, shape);
  in.strides[0] = 2 * cells;
  in.strides[1] = 2;
  in.axes = "species cell";
  cardan_array out = in;
  out.data = rates;
  out.read_only = 0;
  cardan_service* service = NULL;
  done(cardan_service_open(session, "chemistry", &service));
  done(cardan_service_input(service, "state", &in));
  done(cardan_service_output(service, "rates", &out));
  done(cardan_service_start(service));
  cardan_request request = 0;
  cardan_response response;
  done(cardan_service_request(service, 0, 0, &request));
  done(cardan_service_wait(service, -1, &request, &response));
  hold(response.status == CARDAN_REQUEST_ANSWERED, "C's request was answered");
  for (int s = 0; s < species; ++s)
    for (int c = 0; c < cells; ++c)
      hold((int)(2 * rates[s][c][0]) == (int)(2 * state[s][c][0]) + 1 && (int)rates[s][c][1] == 0,
           "the rates are in C's order");
  done(cardan_service_close(&service));
}

static void move(cardan_session* session, MPI_Comm comm)
{
  static float flow[nz][ny][nx];
  const int64_t shape[] = {nz, ny, nx}, offset[] = {0, 0, 0};
  cardan_array array =
      cardan_array_in(cardan_array_of(flow, CARDAN_FLOAT32, 3, shape), shape, offset);
  array.axes = "z y x";
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, comm, "flow", NULL, &channel));
  done(cardan_channel_consume(channel, "flow", &array));
  done(cardan_channel_start(channel));
  int64_t step = 0;
  int taken = 0;
  done(cardan_channel_take(channel, CARDAN_NEXT, &step, &taken));
  for (int z = 0; z < nz; ++z)
    for (int y = 0; y < ny; ++y)
      for (int x = 0; x < nx; ++x)
        hold((int)flow[z][y][x] == 100 * (x + 1) + 10 * (y + 1) + z + 1, "the flow in C's order");
  done(cardan_channel_close(&channel));
}

void axes_rank(const char* run_file)
{
  cardan_session* session = NULL;
  MPI_Comm comm = MPI_COMM_NULL;
  done(cardan_session_open(MPI_COMM_WORLD, run_file, NULL, &session));
  done(cardan_session_comm(session, &comm));
  ask(session);
  move(session, comm);
  // The last channel has two ends in Fortran, and no part here.
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, comm, "slot", NULL, &channel));
  done(cardan_channel_start(channel));
  done(cardan_channel_close(&channel));
  done(cardan_session_close(&session));
}
