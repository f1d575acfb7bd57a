/* A service whose handler is written in C, and a channel from one rank to the other. */
#include <cardan/cardan.h>

#include <stdio.h>
#include <stdlib.h>

static void check(cardan_status status)
{
  if (status == CARDAN_OK) return;
  fprintf(stderr, "%s: %s\n", cardan_status_name(status), cardan_last_error());
  MPI_Abort(MPI_COMM_WORLD, 1);
}

/* On the ML rank: the sum of each sample of a batch. */
static int sums(void* user, const cardan_array* inputs, int input_count, cardan_array* outputs,
                int output_count)
{
  (void)user;
  if (input_count != 1 || output_count != 1 || inputs[0].rank != 2) return 1;
  const double* x = inputs[0].data;
  double* sum = outputs[0].data;
  for (int64_t i = 0; i < inputs[0].shape[0]; ++i) {
    sum[i] = 0;
    for (int64_t j = 0; j < inputs[0].shape[1]; ++j) sum[i] += *x++;
  }
  return 0;
}

static void ask(cardan_session* session, int rank)
{
  double x[2][3] = {{1, 2, 3}, {10, 20, 30}};
  double sum[2] = {0, 0};
  const int64_t shape[] = {2, 3}; /* the most samples of a request, and the shape of a sample */
  const cardan_array input = cardan_array_of_const(x, CARDAN_FLOAT64, 2, shape);
  const cardan_array output = cardan_array_of(sum, CARDAN_FLOAT64, 1, shape);
  cardan_service* service = NULL;
  check(cardan_service_open(session, "sums", &service));
  check(cardan_service_input(service, "x", &input));
  check(cardan_service_output(service, "sum", &output));
  check(cardan_service_start(service)); /* collective */

  cardan_request request = 0;
  cardan_response response;
  check(cardan_service_request(service, 0, 0, &request)); /* no priority, the usual deadline */
  /* Something else is computed; x stays what it is. */
  check(cardan_service_wait(service, -1, &request, &response));
  if (rank == 0 && response.status == CARDAN_REQUEST_ANSWERED)
    printf("the sums are %g and %g\n", sum[0], sum[1]);
}

/* The even columns of a matrix of 4 rows and 6 columns go to rank 1, three from each row. */
static void stream(cardan_session* session, MPI_Comm comm, int rank)
{
  double matrix[4][6];
  double half[4][3] = {{0}};
  const int64_t shape[] = {4, 3};
  const int64_t origin[] = {0, 0};
  cardan_array part =
      cardan_array_of(rank == 0 ? &matrix[0][0] : &half[0][0], CARDAN_FLOAT64, 2, shape);
  if (rank == 0) {
    part.strides[0] = 6;
    part.strides[1] = 2;
  }
  part = cardan_array_in(part, shape, origin); /* here one rank has it all */

  cardan_channel* channel = NULL;
  check(cardan_channel_open(session, comm, "columns", NULL, &channel));
  if (rank == 0) check(cardan_channel_produce(channel, "u", &part));
  if (rank == 1) check(cardan_channel_consume(channel, "u", &part));
  check(cardan_channel_start(channel)); /* collective: makes the windows */
  if (rank == 0) {
    for (int64_t step = 0; step < 3; ++step) {
      for (int i = 0; i < 24; ++i) matrix[i / 6][i % 6] = (double)(100 * step + i);
      check(cardan_channel_put(channel, step)); /* the matrix may change as soon as it returns */
    }
    check(cardan_channel_finish(channel));
  }
  int64_t step = 0;
  int taken = rank == 1;
  while (taken) {
    check(cardan_channel_take(channel, CARDAN_NEXT, &step, &taken));
    if (taken) printf("step %d: %g %g %g\n", (int)step, half[3][0], half[3][1], half[3][2]);
  }
  check(cardan_channel_close(&channel)); /* collective */
}

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  cardan_session* session = NULL;
  int serves = 0;
  int exit_status = 0;
  check(cardan_register_service("sums", sums, NULL)); /* on all ranks, before the session opens */
  check(cardan_session_open(MPI_COMM_WORLD, "ask.toml", NULL, &session));
  check(cardan_session_serves(session, &serves));
  if (serves) {
    check(cardan_session_serve(session, &exit_status));
  } else {
    MPI_Comm comm = MPI_COMM_NULL;
    int rank = 0;
    check(cardan_session_comm(session, &comm));
    MPI_Comm_rank(comm, &rank);
    ask(session, rank);
    stream(session, comm, rank);
  }
  check(cardan_session_close(&session));
  MPI_Finalize();
  return exit_status;
}
