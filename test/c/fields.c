#include "fields.h"

#include <string.h>

enum { NX = 7, NY = 5, NZ = 3, SAMPLES = 10 };

struct held fields[FIELDS];

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

int visit(int number, int step, int writes)
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

void hold_all(MPI_Comm comm)
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

int untouched(void)
{
  return matrix[0][0] == 0 && matrix[NX + 1][NY + 1] == 0 && backwards[1] == 0;
}
