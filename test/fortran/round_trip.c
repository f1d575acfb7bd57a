/* The round trip's side in C: takes what Fortran puts, and answers it on the ML rank. */
#include "support/arrays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char* const names[] = {"contiguous", "component", "allocated", "pointed", "ghosted",
                                    "strided",    "backwards", "cells",     "dummy"};
static const int is_output[] = {0, 1, 1, 1, 0, 0, 0, 0, 1};
static const int64_t extents[] = {4, 3, 2, 3, 2, 1, 2};
static const struct {
  const char* name;
  cardan_dtype dtype;
} kinds[] = {{"real32", CARDAN_FLOAT32}, {"real64", CARDAN_FLOAT64}, {"int8", CARDAN_INT8},
             {"int16", CARDAN_INT16},    {"int32", CARDAN_INT32},    {"int64", CARDAN_INT64}};

/* Room for one array with a border. */
static int64_t room[9][6 * 5 * 4 * 5 * 4 * 3 * 4];

static void end_job(const char* what, const char* kind, int rank, const char* name)
{
  fprintf(stderr, "C, %s_%d, %s: %s\n", kind, rank, name, what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static void done(cardan_status status, const char* kind, int rank)
{
  if (status != CARDAN_OK) end_job(cardan_last_error(), kind, rank, cardan_status_name(status));
}

static int names_of(int rank)
{
  return rank == 0 ? 4 : 9;
}

/* Inside the border is what was produced, and the border is zero. */
static void check_box(const char* kind, const cardan_array* array, int i)
{
  static const int64_t sizes[] = {4, 8, 4, 8, 1, 2};
  cardan_array inside = *array;
  for (int d = 0; d < array->rank; ++d) {
    inside.shape[d] -= 2;
    inside.data = (char*)inside.data + array->strides[d] * sizes[array->dtype];
  }
  if (test_wrong_in(&inside, NULL, i + 1) != 0)
    end_job("wrong values", kind, array->rank, names[i]);
  if (!test_zero_border(array)) end_job("not zero around it", kind, array->rank, names[i]);
}

static void take_boxes(cardan_session* session, MPI_Comm comm, int k, int rank)
{
  const char* kind = kinds[k].name;
  cardan_channel_options options = {0};
  options.partial = 1;
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, comm, "path", &options, &channel), kind, rank);
  int64_t global[CARDAN_MAX_RANK] = {0}, offset[CARDAN_MAX_RANK] = {0};
  for (int d = 0; d < rank; ++d) global[d] = extents[d] + 2;
  cardan_array arrays[9];
  memset(room, 0x5a, sizeof room);
  for (int i = 0; i < names_of(rank); ++i) {
    arrays[i] =
        cardan_array_in(cardan_array_of(room[i], kinds[k].dtype, rank, global), global, offset);
    done(cardan_channel_consume(channel, names[i], &arrays[i]), kind, rank);
  }
  done(cardan_channel_start(channel), kind, rank);
  int64_t step = 0;
  int taken = 0;
  done(cardan_channel_take(channel, CARDAN_NEXT, &step, &taken), kind, rank);
  if (!taken || step != 7) end_job("step 7 was not taken", kind, rank, "");
  for (int i = 0; i < names_of(rank); ++i) check_box(kind, &arrays[i], i);
  done(cardan_channel_close(&channel), kind, rank);
}

static void peek_batches(cardan_session* session, MPI_Comm comm, int k, int rank)
{
  const char* kind = kinds[k].name;
  cardan_channel* channel = NULL;
  done(cardan_channel_open(session, comm, "batches", NULL, &channel), kind, rank);
  int64_t shape[CARDAN_MAX_RANK] = {0};
  for (int d = 1; d < rank; ++d) shape[d] = extents[d];
  for (int i = 0; i < names_of(rank); ++i) {
    const cardan_array array = cardan_array_of(room[i], kinds[k].dtype, rank, shape);
    done(cardan_channel_consume(channel, names[i], &array), kind, rank);
  }
  done(cardan_channel_start(channel), kind, rank);
  int64_t step = 0;
  int arrived = 0, producer = -1;
  done(cardan_channel_peek(channel, CARDAN_NEXT, 1, &step, &producer, &arrived), kind, rank);
  if (!arrived || step != 8 || producer != 0) end_job("no batch of step 8", kind, rank, "");
  for (int i = 0; i < names_of(rank); ++i) {
    cardan_array array;
    done(cardan_channel_arrived(channel, names[i], &array), kind, rank);
    if (array.rank != rank || array.dtype != kinds[k].dtype || !array.read_only ||
        (rank > 0 && array.shape[0] != extents[0]) || test_wrong_in(&array, NULL, i + 1) != 0)
      end_job("another batch than was put", kind, rank, names[i]);
  }
  done(cardan_channel_release(channel), kind, rank);
  done(cardan_channel_close(&channel), kind, rank);
}

/* Takes part in the opening, and asks nothing. */
static void start_service(cardan_session* session, int k, int rank)
{
  const char* kind = kinds[k].name;
  char name[16];
  snprintf(name, sizeof name, "%s_%d", kind, rank);
  cardan_service* service = NULL;
  done(cardan_service_open(session, name, &service), kind, rank);
  for (int i = 0; i < names_of(rank); ++i) {
    const cardan_array array = cardan_array_of(room[i], kinds[k].dtype, rank, extents);
    done((is_output[i] ? cardan_service_output : cardan_service_input)(service, names[i], &array),
         kind, rank);
  }
  done(cardan_service_start(service), kind, rank);
  done(cardan_service_close(&service), kind, rank);
}

void round_trip_consume(const char* run_file)
{
  cardan_session* session = NULL;
  MPI_Comm comm = MPI_COMM_NULL;
  done(cardan_session_open(MPI_COMM_WORLD, run_file, NULL, &session), "session", 0);
  done(cardan_session_comm(session, &comm), "session", 0);
  for (int k = 0; k < 6; ++k)
    for (int rank = 0; rank <= 7; ++rank) {
      take_boxes(session, comm, k, rank);
      peek_batches(session, comm, k, rank);
      if (rank > 0) start_service(session, k, rank);
    }
  done(cardan_session_close(&session), "session", 0);
}

/* Inputs have their indices' values, or are the zeros of the dry batch; outputs get others. */
static int answer(void* user, const cardan_array* inputs, int input_count, cardan_array* outputs,
                  int output_count)
{
  (void)user;
  int in = 0, out = 0;
  for (int i = 0; i < 9; ++i) {
    if (is_output[i]) {
      test_fill_in(&outputs[out++], NULL, i + 1 + 100);
    } else {
      const cardan_array* input = &inputs[in++];
      if (test_wrong_in(input, NULL, i + 1) != 0 && !test_all_zero(input)) {
        fprintf(stderr, "C, ML rank: wrong values of %s\n", names[i]);
        return 1;
      }
    }
  }
  return in == input_count && out == output_count ? 0 : 2;
}

void round_trip_register(void)
{
  done(cardan_register_service("indices", answer, NULL), "service", 0);
}
