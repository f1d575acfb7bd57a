#include "calls.h"

#include <limits.h>
#include <stdio.h>

static int answer(void* user, const cardan_array* inputs, int input_count, cardan_array* outputs,
                  int output_count)
{
  (void)user, (void)inputs, (void)input_count, (void)outputs, (void)output_count;
  return 0;
}

static int decide(void* user, const cardan_report* report, cardan_array* decision,
                  int decision_count, cardan_outbox* outbox)
{
  (void)user, (void)report, (void)decision, (void)decision_count, (void)outbox;
  return 0;
}

void arguments(cardan_session* session)
{
  double x[4] = {1, 2, 3, 4};
  const int64_t shape[] = {4}, none[] = {0};
  const cardan_array fine = cardan_array_of(x, CARDAN_FLOAT64, 1, shape);
  cardan_array array = fine;
  int i = 0;
  int64_t n = 0;
  const char* text = NULL;
  char few[3];
  FINE(cardan_config_integer(session, "t", "absent", NULL));
  MISUSE("'table'", cardan_config_integer(session, NULL, "k", &n));
  MISUSE("'key'", cardan_config_integer(session, "t", NULL, &n));
  MISUSE("'value'", cardan_config_integer(session, "t", "k", NULL));
  MISUSE("'value'", cardan_config_text(session, "t", "text", NULL, 10));
  FAILS("4 characters", cardan_config_text(session, "t", "text", few, sizeof few));
  FAILS("4 characters", cardan_config_text(session, "t", "text", few, 0));
  MISUSE("'values'", cardan_config_integers(session, "t", "list", NULL, 2));
  MISUSE("'serves'", cardan_session_serves(session, NULL));
  MISUSE("simulation rank", cardan_session_serve(session, &i));
  MISUSE("'comm'", cardan_session_comm(session, NULL));
  MISUSE("'comm'", cardan_session_comm_fint(session, NULL));
  MISUSE("'ranks'", cardan_session_ml_ranks(session, NULL));
  MISUSE("'seed'", cardan_session_seed(session, NULL));
  MISUSE("'host'", cardan_session_place(session, 0, NULL, &text));
  MISUSE("'role'", cardan_session_place(session, 0, &text, NULL));
  MISUSE("no rank 1", cardan_session_place(session, 1, &text, &text));
  MISUSE("no rank -1", cardan_session_place(session, -1, &text, &text));
  MISUSE("'name'", cardan_session_ml_library(session, NULL));
  MISUSE("'session'", cardan_session_open(MPI_COMM_SELF, run_file, NULL, NULL));
  cardan_session* other = NULL;
  MISUSE("'run_file'", cardan_session_open(MPI_COMM_SELF, NULL, NULL, &other));

  cardan_surrogate* surrogate = NULL;
  MISUSE("'name'", cardan_surrogate_open(session, NULL, &surrogate));
  MISUSE("'surrogate'", cardan_surrogate_open(session, "k", NULL));
  FINE(cardan_surrogate_open(session, "k", &surrogate));
  MISUSE("'name'", cardan_surrogate_input(surrogate, NULL, &fine));
  MISUSE("'array'", cardan_surrogate_input(surrogate, "x", NULL));
  array.rank = -1;
  MISUSE("-1 dimensions", cardan_surrogate_input(surrogate, "x", &array));
  array.rank = INT_MAX;
  MISUSE("dimensions", cardan_surrogate_input(surrogate, "x", &array));
  array = fine;
  array.dtype = (cardan_dtype)12;
  MISUSE("'dtype' is 12", cardan_surrogate_input(surrogate, "x", &array));
  array = fine;
  array.data = NULL;
  FAILS("no data", cardan_surrogate_input(surrogate, "x", &array));
  array = fine;
  array.shape[0] = -3;
  FAILS("negative", cardan_surrogate_input(surrogate, "x", &array));
  array = cardan_array_in(fine, NULL, NULL);
  FAILS("box", cardan_surrogate_input(surrogate, "x", &array));
  FINE(cardan_surrogate_input(surrogate, "x", &fine));
  FINE(cardan_surrogate_output(surrogate, "y", &fine));
  MISUSE("'trusted'", cardan_surrogate_predict(surrogate, NULL));
  FINE(cardan_surrogate_predict(surrogate, &i));
  const int64_t* list = NULL;
  MISUSE("'samples'", cardan_surrogate_untrusted(surrogate, NULL, &n));
  MISUSE("'count'", cardan_surrogate_untrusted(surrogate, &list, NULL));
  MISUSE("negative", cardan_surrogate_observe_samples(surrogate, &n, -1));
  MISUSE("'samples'", cardan_surrogate_observe_samples(surrogate, NULL, 1));
  FINE(cardan_surrogate_observe_samples(surrogate, NULL, 0));
  MISUSE("'counters'", cardan_surrogate_counters(surrogate, NULL));
  MISUSE("'stamp'", cardan_surrogate_stamp(surrogate, NULL));
  FINE(cardan_surrogate_close(&surrogate));

  cardan_channel* channel = NULL;
  cardan_channel_options options = {0};
  MISUSE("'name'", cardan_channel_open(session, MPI_COMM_SELF, NULL, NULL, &channel));
  MISUSE("'channel'", cardan_channel_open(session, MPI_COMM_SELF, "c", NULL, NULL));
  options.policy = (cardan_policy)3;
  MISUSE("'policy'", cardan_channel_open(session, MPI_COMM_SELF, "c", &options, &channel));
  options.policy = CARDAN_BLOCK;
  options.between_nodes = (cardan_transport)6;
  MISUSE("'between_nodes'", cardan_channel_open(session, MPI_COMM_SELF, "c", &options, &channel));
  options.between_nodes = CARDAN_AUTOMATIC;
  FINE(cardan_channel_open(NULL, MPI_COMM_SELF, "c", &options, &channel));
  MISUSE("'name'", cardan_channel_produce(channel, NULL, &fine));
  MISUSE("'array'", cardan_channel_consume(channel, "x", NULL));
  array = fine;
  array.axes = "cell";
  MISUSE("Open the channel with the session", cardan_channel_produce(channel, "x", &array));
  array = cardan_array_in(fine, shape, none);
  double y[4] = {0};
  cardan_array taken = cardan_array_in(cardan_array_of(y, CARDAN_FLOAT64, 1, shape), shape, none);
  FINE(cardan_channel_produce(channel, "x", &array));
  FINE(cardan_channel_consume(channel, "x", &taken));
  FINE(cardan_channel_start(channel));
  FINE(cardan_channel_put(channel, 1));
  MISUSE("'step'", cardan_channel_take(channel, CARDAN_NEXT, NULL, &i));
  MISUSE("'taken'", cardan_channel_take(channel, CARDAN_NEXT, &n, NULL));
  MISUSE("'pick'", cardan_channel_take(channel, (cardan_pick)2, &n, &i));
  MISUSE("'step'", cardan_channel_peek(channel, CARDAN_NEXT, 0, NULL, NULL, &i));
  MISUSE("'arrived'", cardan_channel_peek(channel, CARDAN_NEXT, 0, &n, NULL, NULL));
  MISUSE("'granted'", cardan_channel_claim(channel, 1, NULL));
  FINE(cardan_channel_peek(channel, CARDAN_NEXT, 0, &n, NULL, &i));
  MISUSE("'name'", cardan_channel_arrived(channel, NULL, &array));
  MISUSE("'array'", cardan_channel_arrived(channel, "x", NULL));
  FINE(cardan_channel_release(channel));
  FINE(cardan_channel_claim(channel, 2, &i));
  MISUSE("'name'", cardan_channel_claimed(channel, NULL, &array, NULL));
  MISUSE("'array'", cardan_channel_claimed(channel, "x", NULL, NULL));
  FINE(cardan_channel_claimed(channel, "x", &array, NULL));
  FINE(cardan_channel_release(channel));
  MISUSE("'counters'", cardan_channel_counted(channel, NULL));
  FINE(cardan_channel_about(channel, NULL, NULL, NULL, NULL));
  FINE(cardan_channel_close(&channel));

  cardan_service* service = NULL;
  MISUSE("'name'", cardan_service_open(session, NULL, &service));
  MISUSE("'service'", cardan_service_open(session, "s", NULL));
  FINE(cardan_service_open(session, "s", &service));
  MISUSE("'name'", cardan_service_input(service, NULL, &fine));
  MISUSE("'array'", cardan_service_output(service, "y", NULL));
  MISUSE("not started", cardan_service_poll(service, NULL));
  FINE(cardan_service_input(service, "x", &fine));
  FINE(cardan_service_output(service, "y", &fine));
  FINE(cardan_service_start(service));
  MISUSE("'request'", cardan_service_request(service, 0, 0, NULL));
  MISUSE("'request'", cardan_service_wait(service, 0, NULL, NULL));
  MISUSE("'request'", cardan_service_cancel(service, NULL));
  MISUSE("'ready'", cardan_service_wait_ready(service, 0, NULL));
  MISUSE("no instance 0", cardan_service_drain(service, 0));
  MISUSE("no instance -1", cardan_service_resume(service, -1));
  MISUSE("'count'", cardan_service_instances(service, NULL));
  MISUSE("'counters'", cardan_service_counted(service, NULL));
  FINE(cardan_service_close(&service));
  MISUSE("'kind'", cardan_register_service(NULL, answer, NULL));
  MISUSE("null", cardan_register_service("kind", NULL, NULL));

  cardan_steering* steering = NULL;
  MISUSE("'name'", cardan_steering_open(session, NULL, &steering));
  MISUSE("'steering'", cardan_steering_open(session, "d", NULL));
  FINE(cardan_steering_open(session, "d", &steering));
  MISUSE("'name'", cardan_steering_report_field(steering, NULL, &fine));
  MISUSE("'array'", cardan_steering_decision_field(steering, "y", NULL));
  array = cardan_array_in(fine, shape, none);
  MISUSE("part of a global array", cardan_steering_report_field(steering, "x", &array));
  MISUSE("not started", cardan_steering_report(steering));
  MISUSE("not started", cardan_steering_poll(steering, NULL));
  FINE(cardan_steering_close(&steering));
  MISUSE("'kind'", cardan_register_decider(NULL, decide, NULL));
  MISUSE("null", cardan_register_decider("kind", NULL, NULL));
  MISUSE("'outbox'", cardan_outbox_send(NULL, NULL, NULL));

  cardan_archive* archive = NULL;
  MISUSE("'path'", cardan_archive_open(MPI_COMM_SELF, NULL, CARDAN_CREATE, &archive));
  MISUSE("'archive'", cardan_archive_open(MPI_COMM_SELF, "c_nulls.h5", CARDAN_CREATE, NULL));
  MISUSE("'mode'",
         cardan_archive_open(MPI_COMM_SELF, "c_nulls.h5", (cardan_archive_mode)3, &archive));
  FINE(cardan_archive_open(MPI_COMM_SELF, "c_nulls.h5", CARDAN_CREATE, &archive));
  MISUSE("'name'", cardan_archive_write(archive, NULL, &taken));
  MISUSE("'array'", cardan_archive_write(archive, "x", NULL));
  MISUSE("'array'", cardan_archive_read(archive, "x", NULL));
  MISUSE("'name'", cardan_archive_has(archive, NULL, &i));
  MISUSE("'has'", cardan_archive_has(archive, "x", NULL));
  MISUSE("'name'", cardan_archive_series(archive, NULL, x, 4));
  MISUSE("'values'", cardan_archive_series(archive, "series", NULL, 4));
  MISUSE("'text'", cardan_archive_text(archive, "text", NULL));
  MISUSE("'object'", cardan_archive_attribute_text(archive, NULL, "k", "v"));
  MISUSE("'key'", cardan_archive_attribute_real(archive, "/", NULL, 1));
  MISUSE("'key'", cardan_archive_attribute_integer(archive, "/", NULL, 1));
  MISUSE("'value'", cardan_archive_attribute_text(archive, "/", "k", NULL));
  FINE(cardan_archive_write(archive, "x", &taken));
  int64_t found[CARDAN_MAX_RANK];
  MISUSE("'rank'", cardan_archive_shape(archive, "x", NULL, found));
  MISUSE("'shape'", cardan_archive_shape(archive, "x", &i, NULL));
  cardan_archive* copy = archive;
  FINE(cardan_archive_close(&archive));
  archives(copy, &taken, "closed");
  remove("c_nulls.h5");
}
