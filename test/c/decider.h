/* A decider in C for programs in C and in Fortran. Reports: "state" float64 [2, 3], "order" int32
 * []. Decisions: "u" float32 [3], the state's column sums and the reporting rank, and "m" int64 [],
 * twice the order. */
#ifndef TEST_C_DECIDER_H
#define TEST_C_DECIDER_H

/* What a report asks for: to whom the decision goes, or what else becomes of it. */
enum order { NOBODY, REPORTER, ALL, ENDS, FAILURE, WRONG, TWICE };

/* Registers the kind "sums"; before the session opens. */
void test_register_decider(void);
/* Whether it was wrongly called, or a call of its own ended otherwise than it should. */
int test_decider_failures(void);

#endif
