/* Arrays whose elements follow from their indices, so that any side knows them. */
#ifndef TEST_FORTRAN_ARRAYS_H
#define TEST_FORTRAN_ARRAYS_H

#include <cardan/cardan.h>

/* What the element (i, j, ...), counted from 0, is: -125 to 125, and a quarter more where it is
 * real. */
double test_value(int rank, const int64_t* index, int salt, cardan_dtype dtype);
/* How many elements differ from it; with `offset`, the indices begin there. */
int64_t test_wrong_in(const cardan_array* array, const int64_t* offset, int salt);
void test_fill_in(const cardan_array* array, const int64_t* offset, int salt);
/* Whether all elements are zero. */
int test_all_zero(const cardan_array* array);
/* The same of those that lie on its faces. */
int test_zero_border(const cardan_array* array);

#endif
