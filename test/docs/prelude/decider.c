/* What stands around a decider in C. */
#include <cardan/cardan.h>

double height_at(const double* state);
void register_away(void);

// The block.
