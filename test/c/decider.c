#include "decider.h"

#include "calls.h"

#include <string.h>

#define HOLDS(what) expect((what) ? CARDAN_OK : CARDAN_ERROR, CARDAN_OK, #what, "")

static cardan_outbox* kept;

static void look_at(const cardan_report* report, const cardan_array* decision, int decision_count)
{
  const cardan_array* fields = report->fields;
  HOLDS(report->rank >= 0 && report->rank < report->ranks && report->number >= 0);
  HOLDS(report->field_count == 2 && decision_count == 2);
  HOLDS(fields[0].dtype == CARDAN_FLOAT64 && fields[0].rank == 2 && fields[0].read_only != 0);
  HOLDS(fields[0].shape[0] == 2 && fields[0].shape[1] == 3 && fields[0].strides[0] == 3);
  HOLDS(fields[1].dtype == CARDAN_INT32 && fields[1].rank == 0);
  HOLDS(decision[0].dtype == CARDAN_FLOAT32 && decision[0].rank == 1);
  HOLDS(decision[0].shape[0] == 3 && decision[0].read_only == 0);
  HOLDS(decision[1].dtype == CARDAN_INT64 && decision[1].rank == 0);
}

/* What must be refused: nothing of it is sent. */
static void send_wrongly(const cardan_report* report, cardan_outbox* outbox)
{
  const int beyond = report->ranks, before = -1;
  cardan_ruling ruling = {0};
  int64_t id = -7;
  ruling.to_count = -1;
  MISUSE("for -1 ranks", cardan_outbox_send(outbox, &ruling, &id));
  ruling.to_count = 1;
  MISUSE("'to'", cardan_outbox_send(outbox, &ruling, &id));
  ruling.to = &beyond;
  MISUSE("there are", cardan_outbox_send(outbox, &ruling, &id));
  ruling.to = &before;
  MISUSE("simulation rank -1", cardan_outbox_send(outbox, &ruling, &id));
  ruling.to = NULL;
  ruling.to_count = 0;
  ruling.version = -1;
  MISUSE("version is -1", cardan_outbox_send(outbox, &ruling, &id));
  HOLDS(id == -7);
}

static int decide(void* user, const cardan_report* report, cardan_array* decision,
                  int decision_count, cardan_outbox* outbox)
{
  look_at(report, decision, decision_count);
  /* It is closed between calls, and open again now. */
  if (kept != NULL && kept != outbox) ++failures;
  kept = outbox;
  const double* state = report->fields[0].data;
  const int order = *(const int32_t*)report->fields[1].data;
  float* u = decision[0].data;
  int64_t* m = decision[1].data;
  for (int j = 0; j < 3; ++j) u[j] = (float)(state[j] + state[3 + j] + report->rank);
  *m = 2 * order;

  const int ends[] = {0, report->ranks - 1};
  cardan_ruling ruling = {&report->rank, 1, *(int*)user, 0.25, "the sums are known"};
  int64_t first = 0, second = 0;
  switch (order) {
    case NOBODY: return 0;
    case ALL: FINE(cardan_outbox_send(outbox, NULL, &first)); return 0;
    case ENDS:
      ruling.to = ends;
      ruling.to_count = report->ranks > 1 ? 2 : 1;
      break;
    case FAILURE: return 3;
    case WRONG: send_wrongly(report, outbox); break;
    case TWICE:
      *m = -1;
      FINE(cardan_outbox_send(outbox, &ruling, &first));
      *m = 2 * order;
      break;
    default: break;
  }
  FINE(cardan_outbox_send(outbox, &ruling, &second));
  HOLDS(second > first);
  return 0;
}

void test_register_decider(void)
{
  static int version = 7;
  FINE(cardan_register_decider("sums", decide, &version));
}

int test_decider_failures(void)
{
  if (kept != NULL) MISUSE("has returned", cardan_outbox_send(kept, NULL, NULL));
  return failures;
}
