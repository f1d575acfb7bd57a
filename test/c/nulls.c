/* Every function of cardan.h, with null pointers, null and closed handles, enumerations that are
 * none, before MPI and after it: a status and a message, and no crash. One rank. */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls that are given a handle that is null, or that is closed. */
static void sessions(cardan_session* s, const char* says)
{
  int i = 0;
  int64_t n = 0;
  double d = 0;
  char text[8];
  const char* t = NULL;
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Fint fint = 0;
  cardan_session* copy = s;
  cardan_surrogate* surrogate = NULL;
  cardan_service* service = NULL;
  cardan_steering* steering = NULL;
  MISUSE(says, cardan_session_close(&copy));
  copy = s;
  MISUSE(says, cardan_session_fail(&copy));
  MISUSE(says, cardan_session_serves(s, &i));
  MISUSE(says, cardan_session_serve(s, &i));
  MISUSE(says, cardan_session_comm(s, &comm));
  MISUSE(says, cardan_session_comm_fint(s, &fint));
  MISUSE(says, cardan_session_step(s, 1));
  MISUSE(says, cardan_session_protect(s, "x", NULL, NULL, &i));
  MISUSE(says, cardan_session_before_checkpoint(s, NULL, NULL));
  MISUSE(says, cardan_session_checkpoint(s));
  MISUSE(says, cardan_session_finish_checkpoints(s, &i));
  MISUSE(says, cardan_session_restarted(s, &i));
  MISUSE(says, cardan_session_first_step(s, &n));
  MISUSE(says, cardan_session_stopping(s, &i));
  MISUSE(says, cardan_session_ml_ranks(s, &n));
  MISUSE(says, cardan_session_seed(s, &n));
  MISUSE(says, cardan_session_place(s, 0, &t, &t));
  MISUSE(says, cardan_session_ml_library(s, &t));
  MISUSE(says, cardan_config_integer(s, "t", "k", &n));
  MISUSE(says, cardan_config_real(s, "t", "k", &d));
  MISUSE(says, cardan_config_logical(s, "t", "k", &i));
  MISUSE(says, cardan_config_text(s, "t", "k", text, sizeof text));
  MISUSE(says, cardan_config_reals(s, "t", "k", &d, 1));
  MISUSE(says, cardan_config_integers(s, "t", "k", &n, 1));
  MISUSE(says, cardan_surrogate_open(s, "k", &surrogate));
  MISUSE(says, cardan_service_open(s, "k", &service));
  MISUSE(says, cardan_steering_open(s, "k", &steering));
}

static void surrogates(cardan_surrogate* s, const cardan_array* array, const char* says)
{
  int i = 0;
  int64_t n = 0;
  const int64_t* list = NULL;
  cardan_counters counters;
  cardan_stamp stamp;
  cardan_surrogate* copy = s;
  MISUSE(says, cardan_surrogate_close(&copy));
  MISUSE(says, cardan_surrogate_input(s, "x", array));
  MISUSE(says, cardan_surrogate_output(s, "x", array));
  MISUSE(says, cardan_surrogate_numbering(s, 1, 1));
  MISUSE(says, cardan_surrogate_predict(s, &i));
  MISUSE(says, cardan_surrogate_untrusted(s, &list, &n));
  MISUSE(says, cardan_surrogate_observe(s));
  MISUSE(says, cardan_surrogate_observe_samples(s, &n, 1));
  MISUSE(says, cardan_surrogate_counters(s, &counters));
  MISUSE(says, cardan_surrogate_stamp(s, &stamp));
}

static void channels(cardan_channel* c, const cardan_array* array, const char* says)
{
  int i = 0;
  int64_t n = 0;
  cardan_array view;
  cardan_channel_counters counters;
  cardan_channel* copy = c;
  MISUSE(says, cardan_channel_close(&copy));
  MISUSE(says, cardan_channel_produce(c, "x", array));
  MISUSE(says, cardan_channel_consume(c, "x", array));
  MISUSE(says, cardan_channel_start(c));
  MISUSE(says, cardan_channel_put(c, 1));
  MISUSE(says, cardan_channel_take(c, CARDAN_NEXT, &n, &i));
  MISUSE(says, cardan_channel_peek(c, CARDAN_NEXT, 0, &n, &i, &i));
  MISUSE(says, cardan_channel_arrived(c, "x", &view));
  MISUSE(says, cardan_channel_claim(c, 1, &i));
  MISUSE(says, cardan_channel_claimed(c, "x", &view, &i));
  MISUSE(says, cardan_channel_publish(c, -1));
  MISUSE(says, cardan_channel_release(c));
  MISUSE(says, cardan_channel_finish(c));
  MISUSE(says, cardan_channel_rebox(c));
  MISUSE(says, cardan_channel_counted(c, &counters));
  MISUSE(says, cardan_channel_about(c, NULL, NULL, NULL, NULL));
}

static void services(cardan_service* s, const cardan_array* array, const char* says)
{
  int i = 0;
  int64_t n = 0;
  cardan_request request = 1;
  cardan_instance instance;
  cardan_service_counters counters;
  cardan_service* copy = s;
  MISUSE(says, cardan_service_close(&copy));
  MISUSE(says, cardan_service_input(s, "x", array));
  MISUSE(says, cardan_service_output(s, "x", array));
  MISUSE(says, cardan_service_start(s));
  MISUSE(says, cardan_service_request(s, 0, 0, &request));
  MISUSE(says, cardan_service_wait(s, 0, &request, NULL));
  MISUSE(says, cardan_service_poll(s, &i));
  MISUSE(says, cardan_service_cancel(s, &request));
  MISUSE(says, cardan_service_wait_ready(s, 0, &i));
  MISUSE(says, cardan_service_drain(s, 0));
  MISUSE(says, cardan_service_resume(s, 0));
  MISUSE(says, cardan_service_swap(s, NULL, &n));
  MISUSE(says, cardan_service_instances(s, &i));
  MISUSE(says, cardan_service_instance(s, 0, &instance));
  MISUSE(says, cardan_service_counted(s, &counters));
}

static void steerings(cardan_steering* s, const cardan_array* array, const char* says)
{
  int i = 0;
  cardan_decision_stamp stamp;
  cardan_steering_counters counters;
  cardan_steering* copy = s;
  MISUSE(says, cardan_steering_close(&copy));
  MISUSE(says, cardan_steering_report_field(s, "x", array));
  MISUSE(says, cardan_steering_decision_field(s, "x", array));
  MISUSE(says, cardan_steering_start(s));
  MISUSE(says, cardan_steering_report(s));
  MISUSE(says, cardan_steering_poll(s, &i));
  MISUSE(says, cardan_steering_wait(s, 0, &i));
  MISUSE(says, cardan_steering_stamp(s, &stamp));
  MISUSE(says, cardan_steering_counted(s, &counters));
}

void archives(cardan_archive* a, const cardan_array* array, const char* says)
{
  int i = 0;
  int64_t shape[CARDAN_MAX_RANK];
  cardan_archive* copy = a;
  MISUSE(says, cardan_archive_close(&copy));
  MISUSE(says, cardan_archive_write(a, "x", array));
  MISUSE(says, cardan_archive_read(a, "x", array));
  MISUSE(says, cardan_archive_shape(a, "x", &i, shape));
  MISUSE(says, cardan_archive_has(a, "x", &i));
  MISUSE(says, cardan_archive_series(a, "x", NULL, 0));
  MISUSE(says, cardan_archive_text(a, "x", "y"));
  MISUSE(says, cardan_archive_attribute_text(a, "/", "x", "y"));
  MISUSE(says, cardan_archive_attribute_real(a, "/", "x", 1));
  MISUSE(says, cardan_archive_attribute_integer(a, "/", "x", 1));
}

static void opens(MPI_Comm comm, const char* says)
{
  cardan_session* session = NULL;
  cardan_channel* channel = NULL;
  cardan_archive* archive = NULL;
  MISUSE(says, cardan_session_open(comm, run_file, NULL, &session));
  MISUSE(says, cardan_channel_open(NULL, comm, "c", NULL, &channel));
  MISUSE(says, cardan_archive_open(comm, "x.h5", CARDAN_CREATE, &archive));
}

static void opens_fint(MPI_Fint comm, const char* says)
{
  cardan_session* session = NULL;
  cardan_channel* channel = NULL;
  cardan_archive* archive = NULL;
  MISUSE(says, cardan_session_open_fint(comm, run_file, NULL, &session));
  MISUSE(says, cardan_channel_open_fint(NULL, comm, "c", NULL, &channel));
  MISUSE(says, cardan_archive_open_fint(comm, "x.h5", CARDAN_CREATE, &archive));
}

static cardan_session* open_session(void)
{
  cardan_session* session = NULL;
  FINE(cardan_session_open(MPI_COMM_SELF, run_file, NULL, &session));
  return session;
}

int main(int argc, char** argv)
{
  double x[4] = {0};
  const int64_t shape[] = {4};
  const cardan_array array = cardan_array_of(x, CARDAN_FLOAT64, 1, shape);
  if (strcmp(cardan_last_error(), "") != 0) ++failures;
  opens(MPI_COMM_WORLD, "not initialised");
  opens_fint(0, "not initialised");
  MPI_Init(&argc, &argv);
  FILE* file = fopen(run_file, "w");
  if (file == NULL) return 2;
  fputs(
      "[run]\nquiet = true\n[t]\nk = 1\ntext = \"four\"\nlist = [1, 2]\n[surrogate.k]\ninputs = "
      "[\"x\"]\n"
      "outputs = [\"y\"]\ntrust = { gate = \"none\" }\n[service.s]\nkind = \"noop\"\n",
      file);
  fclose(file);
  opens(MPI_COMM_NULL, "MPI_COMM_NULL");
  opens_fint(123456, "communicator");
  sessions(NULL, "not open");
  surrogates(NULL, &array, "not open");
  channels(NULL, &array, "not open");
  services(NULL, &array, "not open");
  steerings(NULL, &array, "not open");
  archives(NULL, &array, "not open");
  MISUSE("not open", cardan_session_close(NULL));
  MISUSE("not open", cardan_session_fail(NULL));
  MISUSE("not open", cardan_surrogate_close(NULL));
  MISUSE("not open", cardan_channel_close(NULL));
  MISUSE("not open", cardan_service_close(NULL));
  MISUSE("not open", cardan_steering_close(NULL));
  MISUSE("not open", cardan_archive_close(NULL));
  arguments(open_session());
  /* Handles that are closed, and those that were closed with their session. */
  cardan_session* session = open_session();
  cardan_session* copy = session;
  cardan_surrogate* surrogate = NULL;
  cardan_channel* channel = NULL;
  cardan_service* service = NULL;
  cardan_steering* steering = NULL;
  FINE(cardan_surrogate_open(session, "k", &surrogate));
  FINE(cardan_channel_open(session, MPI_COMM_SELF, "c", NULL, &channel));
  FINE(cardan_service_open(session, "s", &service));
  FINE(cardan_steering_open(session, "d", &steering));
  FINE(cardan_session_close(&session));
  if (session != NULL) ++failures;
  sessions(copy, "closed");
  surrogates(surrogate, &array, "closed");
  channels(channel, &array, "closed");
  services(service, &array, "closed");
  steerings(steering, &array, "closed");
  session = open_session();
  FINE(cardan_session_fail(&session));
  if (strcmp(cardan_status_name((cardan_status)6), "unknown") != 0) ++failures;
  remove(run_file);
  MPI_Finalize();
  opens(MPI_COMM_WORLD, "finalised");
  opens_fint(0, "finalised");
  return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
