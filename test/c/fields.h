/* Fields of many kinds and layouts, and what belongs into them. */
#ifndef TEST_C_FIELDS_H
#define TEST_C_FIELDS_H

#include <cardan/cardan.h>

enum { FIELDS = 7 };

/* A field, and where this rank's part of it begins. */
struct held {
  const char* name;
  cardan_array array;
  cardan_protect_options options;
  int64_t first[3];
};
extern struct held fields[FIELDS];

/* Describes this rank's parts, and of a batch its samples. */
void hold_all(MPI_Comm comm);
/* Visits all elements of a field; with `writes` they become those of a step. Gives how many are
 * wrong. */
int visit(int number, int step, int writes);
/* Whether what lies around and between the elements is as it was. */
int untouched(void);

#endif
