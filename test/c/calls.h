/* Calls and what must come of them. */
#ifndef TEST_C_CALLS_H
#define TEST_C_CALLS_H

#include <cardan/cardan.h>

/* Counts the calls that ended otherwise, and says which. */
extern int failures;
void expect(cardan_status found, cardan_status wanted, const char* call, const char* says);

#define MISUSE(says, call) expect(call, CARDAN_MISUSE, #call, says)
#define FAILS(says, call) expect(call, CARDAN_ERROR, #call, says)
#define FINE(call) expect(call, CARDAN_OK, #call, "")

#define run_file "c_nulls.toml"

/* Calls that are given open handles and null pointers, and what is no array. */
void arguments(cardan_session* session);
/* Calls that are given a handle that is null, or that is closed. */
void archives(cardan_archive* a, const cardan_array* array, const char* says);

#endif
