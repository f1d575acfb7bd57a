#include "calls.h"

#include <stdio.h>
#include <string.h>

int failures;

void expect(cardan_status found, cardan_status wanted, const char* call, const char* says)
{
  const char* said = cardan_last_error();
  if (found == wanted && strstr(said, says) != NULL) return;
  fprintf(stderr, "%s: status %d, \"%s\"; wanted status %d, \"%s\"\n", call, (int)found, said,
          (int)wanted, says);
  ++failures;
}
