#include "arrays.h"

#include <ISO_Fortran_binding.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double test_value(int rank, const int64_t* index, int salt, cardan_dtype dtype)
{
  static const int64_t primes[CARDAN_MAX_RANK] = {1, 5, 17, 37, 71, 113, 151, 191};
  int64_t sum = 13 * (int64_t)salt;
  for (int d = 0; d < rank; ++d) sum += primes[d] * index[d];
  return (double)(sum % 251 - 125) + (dtype <= CARDAN_FLOAT64 ? 0.25 : 0);
}

/* Any array, with strides in bytes. */
struct view {
  char* data;
  cardan_dtype dtype;
  int rank;
  int64_t shape[CARDAN_MAX_RANK], strides[CARDAN_MAX_RANK], offset[CARDAN_MAX_RANK];
};

static int64_t size_of(cardan_dtype dtype)
{
  static const int64_t sizes[] = {4, 8, 4, 8, 1, 2, 1, 2, 4, 8};
  return sizes[dtype];
}

static double get(const char* from, cardan_dtype dtype)
{
  switch (dtype) {
#define AS(name, type)                  \
  case name: {                          \
    type value;                         \
    memcpy(&value, from, sizeof value); \
    return (double)value;               \
  }
    AS(CARDAN_FLOAT32, float)
    AS(CARDAN_FLOAT64, double)
    AS(CARDAN_INT8, int8_t)
    AS(CARDAN_INT16, int16_t)
    AS(CARDAN_INT32, int32_t)
    AS(CARDAN_INT64, int64_t)
    default: abort();
#undef AS
  }
}

static void set(char* to, cardan_dtype dtype, double value)
{
  switch (dtype) {
#define AS(name, type)                  \
  case name: {                          \
    const type narrow = (type)value;    \
    memcpy(to, &narrow, sizeof narrow); \
    return;                             \
  }
    AS(CARDAN_FLOAT32, float)
    AS(CARDAN_FLOAT64, double)
    AS(CARDAN_INT8, int8_t)
    AS(CARDAN_INT16, int16_t)
    AS(CARDAN_INT32, int32_t)
    AS(CARDAN_INT64, int64_t)
    default: abort();
#undef AS
  }
}

/* Calls `visit` for all elements; gives how often it said yes. */
typedef int visitor(char* element, const struct view* view, const int64_t* index, int salt);

static int64_t each(const struct view* view, int salt, visitor* visit)
{
  int64_t index[CARDAN_MAX_RANK] = {0}, global[CARDAN_MAX_RANK], count = 0, all = 1;
  for (int d = 0; d < view->rank; ++d) all *= view->shape[d];
  for (int64_t n = 0; n < all; ++n) {
    char* element = view->data;
    for (int d = 0; d < view->rank; ++d) {
      element += index[d] * view->strides[d];
      global[d] = index[d] + view->offset[d];
    }
    count += visit(element, view, global, salt);
    for (int d = 0; d < view->rank && ++index[d] == view->shape[d]; ++d) index[d] = 0;
  }
  return count;
}

static int differs(char* element, const struct view* view, const int64_t* index, int salt)
{
  return get(element, view->dtype) != test_value(view->rank, index, salt, view->dtype);
}

static int put(char* element, const struct view* view, const int64_t* index, int salt)
{
  set(element, view->dtype, test_value(view->rank, index, salt, view->dtype));
  return 0;
}

static int is_not_zero(char* element, const struct view* view, const int64_t* index, int salt)
{
  (void)index;
  (void)salt;
  return get(element, view->dtype) != 0;
}

static int is_outside(char* element, const struct view* view, const int64_t* index, int salt)
{
  for (int d = 0; d < view->rank; ++d)
    if (index[d] == 0 || index[d] == view->shape[d] - 1)
      return is_not_zero(element, view, index, salt);
  return 0;
}

static const unsigned char marked = 0xa5;

static int put_mark(char* element, const struct view* view, const int64_t* index, int salt)
{
  (void)index;
  (void)salt;
  memset(element, marked, (size_t)size_of(view->dtype));
  return 0;
}

static struct view of_array(const cardan_array* array, const int64_t* offset)
{
  struct view view = {array->data, array->dtype, array->rank, {0}, {0}, {0}};
  for (int d = 0; d < view.rank; ++d) {
    view.shape[d] = array->shape[d];
    view.strides[d] = array->strides[d] * size_of(array->dtype);
    view.offset[d] = offset != NULL ? offset[d] : 0;
  }
  return view;
}

static struct view of_descriptor(const CFI_cdesc_t* from)
{
  struct view view = {from->base_addr, CARDAN_FLOAT64, from->rank, {0}, {0}, {0}};
  if (from->type == CFI_type_float) view.dtype = CARDAN_FLOAT32;
  if (from->type == CFI_type_int8_t) view.dtype = CARDAN_INT8;
  if (from->type == CFI_type_int16_t) view.dtype = CARDAN_INT16;
  if (from->type == CFI_type_int32_t) view.dtype = CARDAN_INT32;
  if (from->type == CFI_type_int64_t) view.dtype = CARDAN_INT64;
  for (int d = 0; d < view.rank; ++d) {
    view.shape[d] = from->dim[d].extent;
    view.strides[d] = from->dim[d].sm;
  }
  return view;
}

int64_t test_wrong_in(const cardan_array* array, const int64_t* offset, int salt)
{
  const struct view view = of_array(array, offset);
  return each(&view, salt, differs);
}

void test_fill_in(const cardan_array* array, const int64_t* offset, int salt)
{
  const struct view view = of_array(array, offset);
  each(&view, salt, put);
}

int test_all_zero(const cardan_array* array)
{
  const struct view view = of_array(array, NULL);
  return each(&view, 0, is_not_zero) == 0;
}

int test_zero_border(const cardan_array* array)
{
  const struct view view = of_array(array, NULL);
  return each(&view, 0, is_outside) == 0;
}

/* For Fortran: see checks.f90. */
void test_fill(const CFI_cdesc_t* array, const int* salt)
{
  const struct view view = of_descriptor(array);
  each(&view, *salt, put);
}

int64_t test_wrong(const CFI_cdesc_t* array, const int* salt)
{
  const struct view view = of_descriptor(array);
  return each(&view, *salt, differs);
}

void test_mark(void* memory, int64_t bytes)
{
  memset(memory, marked, (size_t)bytes);
}

/* How many bytes around the array's elements are not marked any more; marks the elements as well.
 */
int64_t test_spoilt(const CFI_cdesc_t* array, const void* memory, int64_t bytes)
{
  const struct view view = of_descriptor(array);
  each(&view, 0, put_mark);
  int64_t count = 0;
  for (int64_t i = 0; i < bytes; ++i) count += ((const unsigned char*)memory)[i] != marked;
  return count;
}
