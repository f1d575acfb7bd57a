/** @file
 * Cardan from C (C11), and from every language that calls C: the same verbs as in C++.
 *
 * Every function that can fail returns a `cardan_status`; `cardan_last_error` says why, with a
 * problem, a reason and a remedy. No exception and no abort crosses this boundary. Handles are made
 * by an `open` function and ended by a `close` function, which sets them to null; a call with a
 * null or a closed handle is an error, not a crash. Arrays and texts are the caller's: what is
 * bound to a handle (`input`, `output`, `produce`, `consume`) must stay where it is until it is
 * bound anew or the handle is closed. Outputs are not touched when a call fails, unless it says so.
 * Not thread-safe: a session and all that belongs to it is used by one thread at a time.
 *
 * "Collective" calls are made by all ranks named, and fail on all of them together.
 */
#ifndef CARDAN_CARDAN_H
#define CARDAN_CARDAN_H

#include <mpi.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @name Status, errors, version
 * @{ */

/** What became of a call. */
typedef enum cardan_status {
  CARDAN_OK = 0,
  /** An error that this rank alone may know of. */
  CARDAN_ERROR = 1,
  /** The same error on all ranks of a collective call. */
  CARDAN_ERROR_EVERYWHERE = 2,
  /** A wait ran past its deadline. */
  CARDAN_LATE = 3,
  /** The call makes no sense: a null or closed handle, a null pointer, an order of calls. */
  CARDAN_MISUSE = 4
} cardan_status;

/** The message of this thread's last call that failed; "" before any. A call that succeeds leaves
 * it, and the pointer is valid until the next one that fails. */
const char* cardan_last_error(void);
/** "late", for messages. */
const char* cardan_status_name(cardan_status status);
/** "0.1.0" */
const char* cardan_version(void);
/** A JSON object: version, commit, compiler, build type, libraries, what was built in, and where
 * its modules are. */
const char* cardan_configuration(void);

/** @}
 * @name Arrays
 * @{ */

/** The most dimensions of an array. */
#define CARDAN_MAX_RANK 8

/** Types of elements. */
typedef enum cardan_dtype {
  CARDAN_FLOAT32 = 0,
  CARDAN_FLOAT64 = 1,
  CARDAN_INT32 = 2,
  CARDAN_INT64 = 3,
  CARDAN_INT8 = 4,
  CARDAN_INT16 = 5,
  CARDAN_UINT8 = 6,
  CARDAN_UINT16 = 7,
  CARDAN_UINT32 = 8,
  CARDAN_UINT64 = 9
} cardan_dtype;

/** An array as the caller holds it: never owned, never copied to be described. Without `boxed` it
 * is a batch: its first dimension (in the order of the run file, see `axes`) counts samples. */
typedef struct cardan_array {
  /** The element whose indices are all the lowest. */
  void* data;
  cardan_dtype dtype;
  int rank;
  /** Elements in each dimension, and elements between neighbours in each (negative ones too). */
  int64_t shape[CARDAN_MAX_RANK];
  int64_t strides[CARDAN_MAX_RANK];
  /** Not 0: the array must not be written. */
  int read_only;
  /** Not 0: this rank's part of a global array, which has the extents `global` and of which this
   * part begins at `offset`. */
  int boxed;
  int64_t global[CARDAN_MAX_RANK];
  int64_t offset[CARDAN_MAX_RANK];
  /** Names of the dimensions as the caller indexes them, first index first: "species cell". Null or
   * "" where the run file has no `[field.NAME] axes` for this field; where it has, all receive the
   * field with its axes in that order, whatever the caller's. Nothing is copied for it. */
  const char* axes;
} cardan_array;

/** A dense array whose last index varies fastest, as C has it. */
cardan_array cardan_array_of(void* data, cardan_dtype dtype, int rank, const int64_t* shape);
/** The same of an array that is only read. */
cardan_array cardan_array_of_const(const void* data, cardan_dtype dtype, int rank,
                                   const int64_t* shape);
/** The same array as a part of a global one: `rank` values in `global` and `offset`. */
cardan_array cardan_array_in(cardan_array array, const int64_t* global, const int64_t* offset);

/** @}
 * @name Session: one coupled run
 * @{ */

typedef struct cardan_session cardan_session;

/** All 0: what the run file says. */
typedef struct cardan_session_options {
  /** Not 0: this program is launched for ML ranks, as `cardan-ml` is. */
  int ml_program;
  /** Not 0: `seed` takes the place of `[run] seed`. */
  int has_seed;
  int64_t seed;
  /** Not 0: without ML ranks whatever the run file says. */
  int without_ml;
  /** Not null or "": takes the place of `[checkpoint] restart`, a checkpoint's file or "latest";
   * simulation rank 0's counts for all ranks. */
  const char* restart;
} cardan_session_options;

/** Reads the run file and splits `comm` (duplicated, otherwise untouched) into simulation and ML
 * ranks. Collective over it and blocking; MPI must be initialised. `options` may be null. */
cardan_status cardan_session_open(MPI_Comm comm, const char* run_file,
                                  const cardan_session_options* options, cardan_session** session);
/** The same with a Fortran communicator. */
cardan_status cardan_session_open_fint(MPI_Fint comm, const char* run_file,
                                       const cardan_session_options* options,
                                       cardan_session** session);
/** Ends the session, with all that was opened from it, and tells the ML ranks. Collective over all
 * its ranks and blocking, until ten times `[run] deadline` at most. */
cardan_status cardan_session_close(cardan_session** session);
/** Ends it after an error of this rank: neither collective nor blocking. ML ranks then return 1
 * from `cardan_session_serve`; end the job afterwards. */
cardan_status cardan_session_fail(cardan_session** session);

/** Whether this is an ML rank, which then calls `cardan_session_serve` and nothing else. */
cardan_status cardan_session_serves(cardan_session* session, int* serves);
/** ML ranks: works until the simulation ends. Gives an exit status: 0, or 1 where the simulation
 * ended with an error. */
cardan_status cardan_session_serve(cardan_session* session, int* exit_status);
/** The simulation's own communicator (an ML rank: the ML ranks'), owned by the session. */
cardan_status cardan_session_comm(cardan_session* session, MPI_Comm* comm);
cardan_status cardan_session_comm_fint(cardan_session* session, MPI_Fint* comm);
/** Says which step begins, so that answers are stamped with it; the step before it is done, and a
 * checkpoint that is due then is written (collective over the simulation ranks). The first call is
 * collective over them too: what nobody knows in the run file is an error then. Optional without
 * checkpoints. */
cardan_status cardan_session_step(cardan_session* session, int64_t step);
/** How many of the session's ranks are ML ranks. */
cardan_status cardan_session_ml_ranks(cardan_session* session, int64_t* ranks);
/** `[run] seed`, or what took its place. */
cardan_status cardan_session_seed(cardan_session* session, int64_t* seed);
/** Host and role ("simulation", "inference", "training" or "inference+training") of a rank of the
 * session's whole communicator; valid until it closes. */
cardan_status cardan_session_place(cardan_session* session, int rank, const char** host,
                                   const char** role);
/** What the ML ranks compute with, as "LibTorch 1.13.1"; "" before a surrogate is used. */
cardan_status cardan_session_ml_library(cardan_session* session, const char** name);

/** The simulation's own tables of the run file. `value` keeps what it holds where the key is
 * missing, which is the default then. A key of another type is an error with its line. */
cardan_status cardan_config_integer(cardan_session* session, const char* table, const char* key,
                                    int64_t* value);
cardan_status cardan_config_real(cardan_session* session, const char* table, const char* key,
                                 double* value);
cardan_status cardan_config_logical(cardan_session* session, const char* table, const char* key,
                                    int* value);
/** `value` has `size` bytes, the last one for a null; a longer text is an error. */
cardan_status cardan_config_text(cardan_session* session, const char* table, const char* key,
                                 char* value, size_t size);
/** `count` values; another number of them in the run file is an error. */
cardan_status cardan_config_reals(cardan_session* session, const char* table, const char* key,
                                  double* values, size_t count);
cardan_status cardan_config_integers(cardan_session* session, const char* table, const char* key,
                                     int64_t* values, size_t count);

/** @}
 * @name Checkpoints: what a run goes on from
 * @{ */

/** What a checkpoint says of a protected field, and who writes it; all 0: nothing, and each rank
 * its part. */
typedef struct cardan_protect_options {
  /** As "kg/m3"; null or "": none are stated. */
  const char* units;
  /** Not 0: all ranks hold the same: the first one's is written, and all read it. */
  int replicated;
} cardan_protect_options;

/** Brings what is protected up to date; `user` is what was registered. */
typedef void (*cardan_work)(void* user);

/** Simulation ranks: a field that is part of every checkpoint, as the dataset `fields/NAME`. Its
 * memory stays where it is, with its shape, until the session closes. A boxed array is part of a
 * global one; another is a batch, of all ranks' samples; one of rank 0 a number, that of the first
 * rank. Dimensions are in the order of the caller's indices, or in that of the run file's
 * `[field.NAME] axes`, where the array names its own as it does for a surrogate; `axes` of an array
 * without `[field.NAME]` is only written down. `options` may be null. `restored` (may be null): 1
 * where the run goes on from a checkpoint and the field was read from it, on any number of ranks:
 * it is then not to be initialised. Collective over the simulation ranks and blocking. Only loops
 * that begin after the first call are part of checkpoints. */
cardan_status cardan_session_protect(cardan_session* session, const char* name,
                                     const cardan_array* array,
                                     const cardan_protect_options* options, int* restored);
/** Simulation ranks: `work` runs on all of them before each checkpoint is copied. `user` must
 * outlive the session. Local. */
cardan_status cardan_session_before_checkpoint(cardan_session* session, cardan_work work,
                                               void* user);
/** Simulation ranks: the current step is done; writes a checkpoint now, beside those of the run
 * file's `[checkpoint]`; nothing where that names no file, or where the run is to stop: its last
 * one is written. Before any step it is of what the run began with. Collective over the simulation
 * ranks; blocks while the one before it is written, and with `async = true` no longer than a copy
 * otherwise. */
cardan_status cardan_session_checkpoint(cardan_session* session);
/** Waits until all checkpoints are whole; `whole` (may be null) is 0 where the newest could not be
 * written. Collective over the simulation ranks and blocking. */
cardan_status cardan_session_finish_checkpoints(cardan_session* session, int* whole);
/** Whether the run goes on from a checkpoint, and with which step: 0 where it does not. */
cardan_status cardan_session_restarted(cardan_session* session, int* restarted);
cardan_status cardan_session_first_step(cardan_session* session, int64_t* step);
/** Whether the run is to stop, as `[checkpoint]` says (a signal, a limit of time); its last
 * checkpoint was then begun by `cardan_session_step`, after which this is to be asked. The same on
 * all simulation ranks. */
cardan_status cardan_session_stopping(cardan_session* session, int* stopping);

/** @}
 * @name Surrogate: ask a model, teach it
 * @{ */

typedef struct cardan_surrogate cardan_surrogate;

/** Why samples (on a grid: cells) were not answered by the model; sums over this rank's calls. */
typedef struct cardan_counters {
  int64_t asked, trusted;
  int64_t not_ready, late, unsure, outside, not_a_number, out_of_range;
  int64_t observed, dropped, quarantined;
} cardan_counters;

/** Where the last answer came from. */
typedef struct cardan_stamp {
  /** 0 while nothing was published. */
  int64_t version;
  /** Steps between the newest sample that the model was trained on and the current step. */
  int64_t age_steps;
  /** Mean losses when the version was published, in units of the outputs' variance. */
  double loss, validation_loss;
  int64_t trained_steps;
} cardan_stamp;

/** Simulation ranks: the model that the run file calls `[surrogate.NAME]`. Local. */
cardan_status cardan_surrogate_open(cardan_session* session, const char* name,
                                    cardan_surrogate** surrogate);
/** Local. */
cardan_status cardan_surrogate_close(cardan_surrogate** surrogate);
/** Binds an array to one of the run file's inputs or outputs, or binds another one. Local; a call
 * costs well below a microsecond. */
cardan_status cardan_surrogate_input(cardan_surrogate* surrogate, const char* name,
                                     const cardan_array* array);
cardan_status cardan_surrogate_output(cardan_surrogate* surrogate, const char* name,
                                      const cardan_array* array);
/** How `untrusted` and `observe_samples` number samples and cells, for languages with other habits:
 * from `first` instead of 0; `column_major` not 0: a grid's cells in the order in which the first
 * index of the caller's array varies fastest. They ascend in every order. Local. */
cardan_status cardan_surrogate_numbering(cardan_surrogate* surrogate, int64_t first,
                                         int column_major);
/** Asks the model for the outputs that belong to the inputs, and writes those of trusted samples.
 * `trusted`: 1 where all samples are. The first call (of this or `observe`) is collective over the
 * simulation ranks and fixes dtypes, sample shapes and the largest number of samples; later ones
 * block no longer than the deadline. In a deterministic run (`[run] deterministic`) all ranks call
 * it equally often, and it waits for training. */
cardan_status cardan_surrogate_predict(cardan_surrogate* surrogate, int* trusted);
/** The samples, from 0 and ascending, that the solver has to do itself: their outputs were not
 * touched. On a grid: cells of this rank's box, row-major in the order of the run file's axes.
 * Valid until the next `predict`. */
cardan_status cardan_surrogate_untrusted(cardan_surrogate* surrogate, const int64_t** samples,
                                         int64_t* count);
/** Teaches with all samples, or with those listed (from 0; not on a grid). Never waits: what finds
 * no room is dropped and counted. (A deterministic run drops nothing: it waits for room.) */
cardan_status cardan_surrogate_observe(cardan_surrogate* surrogate);
cardan_status cardan_surrogate_observe_samples(cardan_surrogate* surrogate, const int64_t* samples,
                                               int64_t count);
/** What this rank has asked and taught since the surrogate was opened. */
cardan_status cardan_surrogate_counters(cardan_surrogate* surrogate, cardan_counters* counters);
/** Of the last `predict`. */
cardan_status cardan_surrogate_stamp(cardan_surrogate* surrogate, cardan_stamp* stamp);

/** @}
 * @name Channel: a persistent one-way path for fields between two groups of ranks
 * @{ */

typedef struct cardan_channel cardan_channel;

/** How bytes move: memory that ranks of a node share, one-sided puts, or messages. AUTOMATIC takes
 * what passes a self-test when the channel starts; MIXED is told where both are in use, and cannot
 * be asked for. */
typedef enum cardan_transport {
  CARDAN_AUTOMATIC = 0,
  CARDAN_SHARED = 1,
  CARDAN_RMA = 2,
  CARDAN_TWO_SIDED = 3,
  CARDAN_MIXED = 4
} cardan_transport;

/** What `put` does where a consumer's ring is full. */
typedef enum cardan_policy {
  /** Waits until there is room, or the deadline. */
  CARDAN_BLOCK = 0,
  /** Writes over the oldest step. */
  CARDAN_DROP_OLDEST = 1,
  /** Leaves out the new one. */
  CARDAN_DROP_NEWEST = 2
} cardan_policy;

/** Which step a consumer wants. */
typedef enum cardan_pick { CARDAN_NEXT = 0, CARDAN_LATEST = 1 } cardan_pick;

/** 0 chooses everywhere: the depth by the slot's size, a deadline of 60 seconds, every step. */
typedef struct cardan_channel_options {
  int depth;
  double deadline;
  cardan_transport transport;
  cardan_transport between_nodes;
  cardan_policy policy;
  int64_t every;
  /** Not 0: producers' boxes may leave gaps, which read as zero. */
  int partial;
} cardan_channel_options;

/** Steps that this rank put, that `every` left out; deliveries written, dropped, written over
 * unread; steps taken and missed; seconds spent waiting. */
typedef struct cardan_channel_counters {
  int64_t put, skipped, written, dropped, overwritten, taken, missed;
  double waited;
} cardan_channel_counters;

/** Begins a channel between ranks of `comm`, whose fields are then declared. Local; `options` may
 * be null. `session`, which may be null, knows the axes of fields and ends the channel with itself.
 */
cardan_status cardan_channel_open(cardan_session* session, MPI_Comm comm, const char* name,
                                  const cardan_channel_options* options, cardan_channel** channel);
cardan_status cardan_channel_open_fint(cardan_session* session, MPI_Fint comm, const char* name,
                                       const cardan_channel_options* options,
                                       cardan_channel** channel);
/** Declares a field that this rank puts, before `start`; afterwards binds another array of the same
 * declaration. Of a batch the shape's first extent is the most samples of a step. Local. */
cardan_status cardan_channel_produce(cardan_channel* channel, const char* name,
                                     const cardan_array* array);
/** Declares a field that this rank takes, as `produce` does. Of a batch `shape[0]` is 0 and `data`
 * may be null: batches are peeked at. */
cardan_status cardan_channel_consume(cardan_channel* channel, const char* name,
                                     const cardan_array* array);
/** Makes all windows. Collective over `comm` and blocking; a rank without fields calls it too. */
cardan_status cardan_channel_start(cardan_channel* channel);
/** Producer: writes the bound arrays; they may change as soon as it returns. Where a ring is full
 * the policy decides. */
cardan_status cardan_channel_put(cardan_channel* channel, int64_t step);
/** Consumer, boxes: copies the next step into the bound arrays. Blocks until the deadline; `taken`
 * is 0 when all producers have finished and all is read. */
cardan_status cardan_channel_take(cardan_channel* channel, cardan_pick pick, int64_t* step,
                                  int* taken);
/** Consumer: the next step where it lies, until `release`; `wait` 0: only if it is there already.
 * `producer` (may be null): of a batch, a rank of `comm`; else -1. */
cardan_status cardan_channel_peek(cardan_channel* channel, cardan_pick pick, int wait,
                                  int64_t* step, int* producer, int* arrived);
/** A read-only view of what was peeked at, valid until `release`. */
cardan_status cardan_channel_arrived(cardan_channel* channel, const char* name,
                                     cardan_array* array);
/** Producer: hands out the slot of the step to come; `granted` is 0 where the policy or `every`
 * leaves it out. One at a time; ends with `publish`, or with `release` as if it had never been. */
cardan_status cardan_channel_claim(cardan_channel* channel, int64_t step, int* granted);
/** The memory to write a claimed field into, valid until `publish`. `in_place` (may be null): not 0
 * where it is the consumer's own slot. */
cardan_status cardan_channel_claimed(cardan_channel* channel, const char* name, cardan_array* array,
                                     int* in_place);
/** Sends what was claimed; of a batch the first `samples` samples, or all where it is negative. */
cardan_status cardan_channel_publish(cardan_channel* channel, int64_t samples);
/** Ends a peek, or gives up a claim. */
cardan_status cardan_channel_release(cardan_channel* channel);
/** Producer: nothing more will come. Local. */
cardan_status cardan_channel_finish(cardan_channel* channel);
/** Other boxes from the next step on: those of the arrays bound with `produce` and `consume` since.
 * Collective and blocking, as `start` is. */
cardan_status cardan_channel_rebox(cardan_channel* channel);
/** Collective over `comm`; finishes first. */
cardan_status cardan_channel_close(cardan_channel** channel);
cardan_status cardan_channel_counted(cardan_channel* channel, cardan_channel_counters* counters);
/** What was chosen: any pointer may be null. */
cardan_status cardan_channel_about(cardan_channel* channel, cardan_transport* transport, int* depth,
                                   size_t* window_bytes, int* peers);

/** @}
 * @name Service: several instances answer requests of all simulation ranks
 * @{ */

typedef struct cardan_service cardan_service;
/** A request of a service; 0 is none. */
typedef int64_t cardan_request;

/** How a request stands; LATE: its deadline passed; FAILED: no instance is left, or the handler
 * failed wherever it was tried. */
typedef enum cardan_request_status {
  CARDAN_REQUEST_WAITING = 0,
  CARDAN_REQUEST_ANSWERED = 1,
  CARDAN_REQUEST_LATE = 2,
  CARDAN_REQUEST_CANCELLED = 3,
  CARDAN_REQUEST_FAILED = 4
} cardan_request_status;

/** How a request ended. Times in seconds; version, instance and times of answered ones only. */
typedef struct cardan_response {
  cardan_request_status status;
  int64_t version;
  int instance, attempts;
  double put, queue, batch_wait, inference, reply, total;
} cardan_response;

/** Sums over this rank's requests: how they ended; sent again because an instance stalled or went,
 * handed them back, answered with too old a version, or failed; stale replies; stalls seen, and
 * their ends. */
typedef struct cardan_service_counters {
  int64_t requested, answered, late, cancelled, failed;
  int64_t moved, handed_back, too_old, refused, stale, stalls, revivals;
} cardan_service_counters;

/** What an instance says of itself; READY: loaded and warmed up. */
typedef enum cardan_instance_state {
  CARDAN_INSTANCE_STARTING = 0,
  CARDAN_INSTANCE_READY = 1,
  CARDAN_INSTANCE_BUSY = 2,
  CARDAN_INSTANCE_DRAINING = 3,
  CARDAN_INSTANCE_GONE = 4
} cardan_instance_state;

/** An instance as this rank sees it. */
typedef struct cardan_instance {
  int rank, on_this_node;
  cardan_instance_state state;
  int stalled;
  int64_t version;
  int queued, outstanding;
  double heartbeat_age;
} cardan_instance;

/** What an instance does with a batch: writes all outputs, dense arrays whose first dimension
 * counts samples, as `inputs` are. Returns 0, or anything else where it failed; its requests are
 * then tried elsewhere. `user` is what was registered. */
typedef int (*cardan_handler)(void* user, const cardan_array* inputs, int input_count,
                              cardan_array* outputs, int output_count);
/** Gives a kind of service a name for run files. Call it on all ranks before the session opens.
 * `user` must outlive the session. */
cardan_status cardan_register_service(const char* kind, cardan_handler handler, void* user);

/** Simulation ranks: begins what the run file calls `[service.NAME]`. Local. */
cardan_status cardan_service_open(cardan_session* session, const char* name,
                                  cardan_service** service);
/** Declares a field of the requests, in the order of these calls, and binds its array; the first
 * extent is the most samples of a request. After `start` it binds the array of the next request.
 * Local. */
cardan_status cardan_service_input(cardan_service* service, const char* name,
                                   const cardan_array* array);
cardan_status cardan_service_output(cardan_service* service, const char* name,
                                    const cardan_array* array);
/** Collective over the session and blocking, until all handlers are made. */
cardan_status cardan_service_start(cardan_service* service);
/** Asks with the bound arrays, which must stay and not change until the request has ended.
 * `deadline` in seconds; 0: the run file's. Blocks only where as many requests are under way as the
 * run file's `depth` allows. */
cardan_status cardan_service_request(cardan_service* service, int priority, double deadline,
                                     cardan_request* request);
/** Makes progress until the request has ended or the seconds are over; negative: until it has
 * ended. One that has ended is forgotten and set to 0; `response` may be null. */
cardan_status cardan_service_wait(cardan_service* service, double seconds, cardan_request* request,
                                  cardan_response* response);
/** Makes progress without waiting; `ended` (may be null): whether a request ended. */
cardan_status cardan_service_poll(cardan_service* service, int* ended);
/** Gives a request up and forgets it; its outputs are not touched any more. */
cardan_status cardan_service_cancel(cardan_service* service, cardan_request* request);
/** Waits until every instance is ready, draining or gone; `ready` is 0 where one is not in time. */
cardan_status cardan_service_wait_ready(cardan_service* service, double seconds, int* ready);
/** Takes an instance (from 0) out of use for all clients, or back into it, at its next batch. */
cardan_status cardan_service_drain(cardan_service* service, int instance);
cardan_status cardan_service_resume(cardan_service* service, int instance);
/** Tells all instances to switch to the next version; `file` may be null. */
cardan_status cardan_service_swap(cardan_service* service, const char* file, int64_t* version);
/** How many instances there are; the registry's view of one; and this rank's sums. */
cardan_status cardan_service_instances(cardan_service* service, int* count);
cardan_status cardan_service_instance(cardan_service* service, int index,
                                      cardan_instance* instance);
cardan_status cardan_service_counted(cardan_service* service, cardan_service_counters* counters);
/** Ends this handle and cancels its requests. Local; the service itself ends with its session. */
cardan_status cardan_service_close(cardan_service** service);

/** @}
 * @name Steering: reports go to ML ranks, decisions come back
 * @{ */

typedef struct cardan_steering cardan_steering;

/** Of a decision: its number, from 1 (0: there was none yet), the step of the report that it was
 * made from, steps since then, the deciding model's version, seconds from the report until it was
 * taken (NaN where that is not known) and those of them that the decider worked, the ML rank that
 * decided, and why. */
typedef struct cardan_decision_stamp {
  int64_t id, step, age_steps, version;
  double latency, work;
  int rank;
  char reason[64];
} cardan_decision_stamp;

/** Sums over this rank's reports, and those of them that found no room; decisions that arrived,
 * were applied, were older than the run file allows, and were replaced by newer ones before. */
typedef struct cardan_steering_counters {
  int64_t reported, dropped, arrived, applied, late, superseded;
} cardan_steering_counters;

/** A report as a decider sees it, valid during its call: which simulation rank's (counted among
 * those), of how many, its number there, from 0, its step, and its fields, dense arrays. */
typedef struct cardan_report {
  int rank, ranks;
  int64_t number, step;
  const cardan_array* fields;
  int field_count;
} cardan_report;

/** What a decider says of a decision; all 0: to all simulation ranks. `to`: `to_count` of them,
 * counted among those. The model's version, seconds of work, and a reason, of which 63 bytes are
 * kept; null: none. */
typedef struct cardan_ruling {
  const int* to;
  int to_count;
  int64_t version;
  double work;
  const char* reason;
} cardan_ruling;

/** Where a decider sends decisions to, during its call. */
typedef struct cardan_outbox cardan_outbox;
/** Decides, on an ML rank: fills `decision`, a dense array for each declared field, and sends it
 * with `cardan_outbox_send`, as often as it likes or not at all. Returns 0, or anything else where
 * it failed. `user` is what was registered. */
typedef int (*cardan_decider)(void* user, const cardan_report* report, cardan_array* decision,
                              int decision_count, cardan_outbox* outbox);
/** Sends what the decision's arrays hold, which is copied; `ruling` may be null. Does not block.
 * `id` (may be null): the decision's. */
cardan_status cardan_outbox_send(cardan_outbox* outbox, const cardan_ruling* ruling, int64_t* id);
/** Gives a kind of decider a name for run files. Call it on all ranks before the session opens.
 * `user` must outlive the session. */
cardan_status cardan_register_decider(const char* kind, cardan_decider decider, void* user);

/** Simulation ranks: begins what the run file calls `[steering.NAME]`. Local. */
cardan_status cardan_steering_open(cardan_session* session, const char* name,
                                   cardan_steering** steering);
/** Declares a field of the reports, in the order of these calls, with dtype and shape, and binds
 * its array; after `start` it binds another one of the same declaration. Local. */
cardan_status cardan_steering_report_field(cardan_steering* steering, const char* name,
                                           const cardan_array* array);
/** The same of a field of the decisions. */
cardan_status cardan_steering_decision_field(cardan_steering* steering, const char* name,
                                             const cardan_array* array);
/** Collective over the session and blocking, until all deciders are made. */
cardan_status cardan_steering_start(cardan_steering* steering);
/** Sends the bound arrays, which may change as soon as it returns. Does not block: where the ring
 * is full it is dropped and counted, unless the run file has `full = "wait"`. */
cardan_status cardan_steering_report(cardan_steering* steering);
/** Takes the newest decision into the bound arrays, if one has arrived; `decided` (may be null)
 * says so. Without one they stay, or get the run file's defaults. Does not block. */
cardan_status cardan_steering_poll(cardan_steering* steering, int* decided);
/** The same, but waits for one so many seconds at most; 0: what the run file says. */
cardan_status cardan_steering_wait(cardan_steering* steering, double seconds, int* decided);
/** Of the decision that was applied last; and this rank's sums. */
cardan_status cardan_steering_stamp(cardan_steering* steering, cardan_decision_stamp* stamp);
cardan_status cardan_steering_counted(cardan_steering* steering,
                                      cardan_steering_counters* counters);
/** Ends this handle. Local; what it stands for ends with its session. */
cardan_status cardan_steering_close(cardan_steering** steering);

/** @}
 * @name Archive: HDF5 files that ranks write and read together
 * @{ */

typedef struct cardan_archive cardan_archive;

typedef enum cardan_archive_mode { CARDAN_CREATE = 0, CARDAN_READ = 1 } cardan_archive_mode;

/** Opens a file. This and all below are collective over `comm` and blocking. */
cardan_status cardan_archive_open(MPI_Comm comm, const char* path, cardan_archive_mode mode,
                                  cardan_archive** archive);
cardan_status cardan_archive_open_fint(MPI_Fint comm, const char* path, cardan_archive_mode mode,
                                       cardan_archive** archive);
/** Writes one global array from the ranks' boxes; `a/b` makes the group `a`. */
cardan_status cardan_archive_write(cardan_archive* archive, const char* name,
                                   const cardan_array* array);
/** Reads this rank's box of a global array, converting the dtype. */
cardan_status cardan_archive_read(cardan_archive* archive, const char* name,
                                  const cardan_array* array);
/** The global shape of an array in the file; `shape` has CARDAN_MAX_RANK values. */
cardan_status cardan_archive_shape(cardan_archive* archive, const char* name, int* rank,
                                   int64_t* shape);
/** Whether the file has a group, array or text of this name. */
cardan_status cardan_archive_has(cardan_archive* archive, const char* name, int* has);
/** What all ranks hold alike: per-step values, texts, attributes of what exists ("/": the file). */
cardan_status cardan_archive_series(cardan_archive* archive, const char* name, const double* values,
                                    size_t count);
cardan_status cardan_archive_text(cardan_archive* archive, const char* name, const char* text);
cardan_status cardan_archive_attribute_text(cardan_archive* archive, const char* object,
                                            const char* key, const char* value);
cardan_status cardan_archive_attribute_real(cardan_archive* archive, const char* object,
                                            const char* key, double value);
cardan_status cardan_archive_attribute_integer(cardan_archive* archive, const char* object,
                                               const char* key, int64_t value);
/** Flushes and closes; a new file has its final name only now. The handle ends whatever it returns.
 */
cardan_status cardan_archive_close(cardan_archive** archive);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
