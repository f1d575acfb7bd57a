!> Cardan from Fortran: the verbs of the C++ library in Fortran's manners.
!!
!! Arrays are of any kind (real32, real64, int8 to int64), rank (0 to 7) and stride: sections, pointers,
!! allocatables and array components are taken where they lie and never copied to be passed. Of a component of an
!! array of derived types, cells%heat, gfortran passes a copy that is soon gone: bind what cardan_view(cells,
!! cells(1, 1)%heat) says instead, which is where all of cells has what its first element has there.
!! What is bound to a name (input, output, produce, consume, report_field, ...) must stay where it is until it is bound anew
!! or its owner is closed: give it the `target` attribute, as for a non-blocking MPI call.
!! Indices keep their order: a(i, j) here is a[i][j] in C++, and the first dimension of a batch counts its
!! samples. Where the run file states `[field.NAME] axes`, name the dimensions instead (`axes="species cell"`,
!! first index first): others then receive the field in the run file's order, still without a copy.
!! `global` and `offset`, with a value for each dimension, make an array this rank's part of a global one;
!! offset counts from 0. A communicator is a type(MPI_Comm) of mpi_f08 or an integer of `use mpi`. Integers
!! may be of any kind. Samples, cells and instances are numbered from 1.
!! `stat` and `errmsg` are as in `allocate`: stat is 0 or a positive cardan_status of cardan.h, and errmsg
!! keeps its value unless there was an error. Without `stat` an error prints its message to standard error
!! and aborts the job. Calls are local and do not block unless it is said; "collective" says who must call.
module cardan
  use, intrinsic :: iso_c_binding, only: c_ptr, c_null_ptr, c_int, c_int64_t, c_double, c_f_pointer
  implicit none; private

  type :: handle
    type(c_ptr), private :: c = c_null_ptr
  contains
    procedure :: close => close_handle
    procedure, private :: bind_read, bind_written, start_handle
  end type handle

  !> One coupled run. `restart`, set before open, takes the place of `[checkpoint] restart`: a file, or "latest".
  type, extends(handle), public :: cardan_session
    character(len=1024) :: restart = ''
  contains
    procedure :: open => session_open, get => session_get, step => session_step
    procedure :: protect => session_protect, checkpoint => session_checkpoint
    procedure :: first_step => session_first_step, stopping => session_stopping
  end type cardan_session

  !> A model: ask it, teach it.
  type, extends(handle), public :: cardan_surrogate
  contains
    procedure :: open => surrogate_open, predict => surrogate_predict
    procedure :: observe => surrogate_observe, report => surrogate_report
    generic :: input => bind_read
    generic :: output => bind_written
  end type cardan_surrogate

  !> A persistent one-way path for fields between two groups of ranks. Declare, start, then put and take.
  type, extends(handle), public :: cardan_channel
  contains
    procedure :: open => channel_open, put => channel_put, take => channel_take, finish => channel_finish
    procedure :: claim => channel_claim, slot => channel_slot, publish => channel_publish
    procedure :: peek => channel_peek, release => channel_release, rebox => channel_rebox
    generic :: produce => bind_read
    generic :: consume => bind_written
    generic :: start => start_handle
  end type cardan_channel

  !> Several instances that answer requests of all simulation ranks. Declare, start, then request and wait.
  type, extends(handle), public :: cardan_service
  contains
    procedure :: open => service_open, request => service_request, wait => service_wait
    generic :: input => bind_read
    generic :: output => bind_written
    generic :: start => start_handle
  end type cardan_service

  !> Reports of this rank that ML ranks decide from, and their decisions. Declare, start, then report, and poll or wait.
  type, extends(handle), public :: cardan_steering
  contains
    procedure :: open => steering_open, report => steering_report, poll => steering_poll, wait => steering_wait
    procedure :: inquire => steering_inquire
    generic :: report_field => bind_read
    generic :: decision_field => bind_written
    generic :: start => start_handle
  end type cardan_steering

  !> An HDF5 file that ranks write or read together; every call is collective over them, and blocks.
  type, extends(handle), public :: cardan_archive
  contains
    procedure :: open => archive_open
    generic :: write => bind_read
    generic :: read => bind_written
  end type cardan_archive

  !> As struct cardan_channel_options of cardan.h, which says what its values mean; 0 chooses.
  type, bind(c), public :: cardan_channel_options
    integer(c_int) :: depth = 0
    real(c_double) :: deadline = 0
    integer(c_int) :: transport = 0, between_nodes = 0, policy = 0
    integer(c_int64_t) :: every = 0; integer(c_int) :: partial = 0
  end type cardan_channel_options

  !> As struct cardan_counters: samples (on a grid: cells), and why they were not answered.
  type, bind(c), public :: cardan_counters
    integer(c_int64_t) :: asked = 0, trusted = 0, not_ready = 0, late = 0, unsure = 0, outside = 0, &
      not_a_number = 0, out_of_range = 0, observed = 0, dropped = 0, quarantined = 0
  end type cardan_counters

  !> As struct cardan_stamp: the version that answered, its age in steps, its losses, steps of its training.
  type, bind(c), public :: cardan_stamp
    integer(c_int64_t) :: version = 0, age_steps = 0
    real(c_double) :: loss = 0, validation_loss = 0; integer(c_int64_t) :: trained_steps = 0
  end type cardan_stamp

  !> As the first of struct cardan_decision_stamp: where the decision that was applied last comes from. `id` 0: none was;
  !! steps since its report, seconds since then (not a number: unknown) and those of work; the deciding rank, from 0.
  type, bind(c), public :: cardan_decision_stamp
    integer(c_int64_t) :: id = 0, step = -1, age_steps = 0, version = 0
    real(c_double) :: latency = 0, work = 0; integer(c_int) :: rank = -1
  end type cardan_decision_stamp

  !> As struct cardan_steering_counters: this rank's reports, and what became of decisions.
  type, bind(c), public :: cardan_steering_counters
    integer(c_int64_t) :: reported = 0, dropped = 0, arrived = 0, applied = 0, late = 0, superseded = 0
  end type cardan_steering_counters

  !> A component of an array of derived types, to be bound as an array; a variable where it is written.
  type, bind(c), public :: cardan_view
    integer(c_int64_t), private :: words(20) = 0
  end type cardan_view
  interface cardan_view
    type(cardan_view) function view_of(array, first) bind(c, name="cardan_fortran_view")
      import :: cardan_view
      type(*), dimension(..), intent(in), target :: array, first
    end function view_of
  end interface cardan_view
  ! Behind a type(*) argument that is given a text, gfortran 12 gets the lengths of texts wrong: errmsg is type(*) there.
  ! The C side, the C++ files beside this one: all verbs have one shape. `a` to `h` are what the verb takes, as descriptors.
  abstract interface
    subroutine verb(handle, a, b, c, d, e, f, g, h, stat, errmsg) bind(c)
      import :: c_ptr, c_int
      type(c_ptr), intent(inout) :: handle
      type(*), dimension(..), optional :: a, b, c, d, e, f, g, h, errmsg
      integer(c_int), intent(out), optional :: stat
    end subroutine verb
  end interface
  procedure(verb), bind(c) :: cardan_fortran_bind_read, cardan_fortran_bind_written, cardan_fortran_checkpoint, &
    cardan_fortran_claim, cardan_fortran_close, cardan_fortran_finish, cardan_fortran_first_step, cardan_fortran_get, &
    cardan_fortran_observe, cardan_fortran_open_archive, cardan_fortran_open_channel, cardan_fortran_open_service, &
    cardan_fortran_open_session, cardan_fortran_open_steering, cardan_fortran_open_surrogate, cardan_fortran_peek, &
    cardan_fortran_predict, cardan_fortran_protect, cardan_fortran_publish, cardan_fortran_put, cardan_fortran_rebox, &
    cardan_fortran_release, cardan_fortran_report, cardan_fortran_request, cardan_fortran_slot, cardan_fortran_start, &
    cardan_fortran_steering_inquire, cardan_fortran_steering_poll, cardan_fortran_steering_report, &
    cardan_fortran_steering_wait, cardan_fortran_step, cardan_fortran_stopping, cardan_fortran_take, &
    cardan_fortran_wait

contains

  !> Reads the run file and splits `comm` (MPI must be initialised) into simulation and ML ranks; collective
  !! over it, blocking. ML ranks serve inside this call, until the simulation ends: `served` is true then, and
  !! nothing is left to do but close and MPI_Finalize. It is needed where ML ranks are among these ranks.
  !! `simulation`: becomes the simulation's own communicator, to be used instead of `comm`; the session owns it.
  subroutine session_open(self, comm, run_file, served, simulation, stat, errmsg)
    class(cardan_session), intent(inout) :: self; type(*), dimension(..), intent(in) :: comm
    character(len=*), intent(in) :: run_file
    logical, intent(out), optional :: served
    type(*), dimension(..), intent(inout), optional :: simulation
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    if (present(served)) served = .false.
    call cardan_fortran_open_session(self%c, run_file, comm, served, simulation, self%restart, stat=stat, errmsg=errmsg)
  end subroutine session_open

  !> A key of the simulation's own table of the run file: an integer, real, logical or text, or a rank-1 array
  !! of integers or reals of the same length. `value` keeps what it holds where the key is missing.
  subroutine session_get(self, table, key, value, stat, errmsg)
    class(cardan_session), intent(inout) :: self; character(len=*), intent(in) :: table, key
    type(*), dimension(..), intent(inout) :: value
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_get(self%c, table, key, value, stat=stat, errmsg=errmsg)
  end subroutine session_get

  !> Says which step begins: answers are stamped with it, and a checkpoint is written where one is due after the step
  !! before it (collective over the simulation ranks: all call it, where what is protected is that step's result).
  !! Optional without checkpoints; the first call is collective too: what nobody knows in the run file is an error then.
  subroutine session_step(self, step, stat, errmsg)
    class(cardan_session), intent(inout) :: self; type(*), dimension(..), intent(in) :: step
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_step(self%c, step, stat=stat, errmsg=errmsg)
  end subroutine session_step

  !> Makes an array part of every checkpoint, as `fields/NAME`: where it lies, until close; before the first step. It
  !! is this rank's part of a global array (`global`, `offset`) or of a batch of all ranks' samples, or a number, the
  !! first rank's. Dimensions are in the order of its indices, or in that of `[field.NAME] axes`; `axes` without
  !! `[field.NAME]`, and `units`, are only written down. `replicated`: all ranks hold the same. `restored`: the run goes
  !! on from a checkpoint, on any number of ranks, and the array was read from it: it is not to be initialised.
  !! Collective over the simulation ranks, blocking.
  subroutine session_protect(self, name, array, global, offset, axes, units, replicated, restored, stat, errmsg)
    class(cardan_session), intent(inout) :: self; character(len=*), intent(in) :: name
    type(*), dimension(..), intent(inout), target :: array
    type(*), dimension(..), intent(in), optional :: global, offset
    character(len=*), intent(in), optional :: axes, units
    logical, intent(in), optional :: replicated
    logical, intent(out), optional :: restored
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    if (present(restored)) restored = .false.
    call cardan_fortran_protect(self%c, name, array, global, offset, axes, units, replicated, restored, stat, errmsg)
  end subroutine session_protect

  !> Writes a checkpoint of the current step, which is done, beside those of `[checkpoint]`; nothing where the run is to
  !! stop. Collective over the simulation ranks. `whole`: waits until all are written; whether the newest could be.
  subroutine session_checkpoint(self, whole, stat, errmsg)
    class(cardan_session), intent(inout) :: self; logical, intent(out), optional :: whole
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    if (present(whole)) whole = .false.
    call cardan_fortran_checkpoint(self%c, whole, stat=stat, errmsg=errmsg)
  end subroutine session_checkpoint

  !> The step that a run which goes on from a checkpoint begins with; 0 where it does not go on from one.
  integer(c_int64_t) function session_first_step(self, stat, errmsg) result(step)
    class(cardan_session), intent(inout) :: self
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    step = 0
    call cardan_fortran_first_step(self%c, step, stat=stat, errmsg=errmsg)
  end function session_first_step

  !> Whether the run is to stop (a signal, a limit of time): ask after session%step, which wrote the last checkpoint.
  logical function session_stopping(self, stat, errmsg) result(stops)
    class(cardan_session), intent(inout) :: self
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    stops = .false.
    call cardan_fortran_stopping(self%c, stops, stat=stat, errmsg=errmsg)
  end function session_stopping

  !> The model that the run file calls `[surrogate.NAME]`.
  subroutine surrogate_open(self, session, name, stat, errmsg)
    class(cardan_surrogate), intent(inout) :: self; class(cardan_session), intent(inout) :: session
    character(len=*), intent(in) :: name
    integer, intent(out), optional :: stat; character(len=*), intent(inout), optional :: errmsg
    call cardan_fortran_open_surrogate(self%c, name, session%c, stat=stat, errmsg=errmsg)
  end subroutine surrogate_open

  !> Asks the model for the bound outputs that belong to the bound inputs, and writes those of trusted samples.
  !! `trusted`: all are. `untrusted`: the samples that the solver has to do (on a grid: cells of this rank's box,
  !! in array element order); valid until the next predict. `step`: as session%step. The first call (of predict
  !! or observe) is collective over the simulation ranks and fixes shapes; later ones block until the deadline.
  subroutine surrogate_predict(self, trusted, untrusted, step, stat, errmsg)
    class(cardan_surrogate), intent(inout) :: self; logical, intent(out) :: trusted
    integer(c_int64_t), pointer, intent(out), optional :: untrusted(:)
    type(*), dimension(..), intent(in), optional :: step
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    type(c_ptr) :: samples; integer(c_int64_t) :: count
    trusted = .false.
    call cardan_fortran_predict(self%c, trusted, step, samples, count, stat=stat, errmsg=errmsg)
    if (present(untrusted)) call c_f_pointer(samples, untrusted, [count])
  end subroutine surrogate_predict

  !> Teaches with all bound samples, or with those listed (rank 1; not on a grid). What finds no room is dropped
  !! and counted. The first call is collective, as that of predict.
  subroutine surrogate_observe(self, samples, stat, errmsg)
    class(cardan_surrogate), intent(inout) :: self; type(*), dimension(..), intent(in), optional :: samples
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_observe(self%c, samples, stat=stat, errmsg=errmsg)
  end subroutine surrogate_observe

  !> What this rank has asked and taught, and where the last answer came from.
  subroutine surrogate_report(self, counters, stamp, stat, errmsg)
    class(cardan_surrogate), intent(inout) :: self
    type(cardan_counters), intent(inout), optional :: counters
    type(cardan_stamp), intent(inout), optional :: stamp
    integer, intent(out), optional :: stat; character(len=*), intent(inout), optional :: errmsg
    call cardan_fortran_report(self%c, counters, stamp, stat=stat, errmsg=errmsg)
  end subroutine surrogate_report

  include 'channel.inc'
  include 'service.inc'
  include 'steering.inc'

  !> Opens a file of `comm` to be written (`create`; it is whole when it is closed) or read.
  subroutine archive_open(self, comm, path, create, stat, errmsg)
    class(cardan_archive), intent(inout) :: self; type(*), dimension(..), intent(in) :: comm
    character(len=*), intent(in) :: path
    logical, intent(in) :: create
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_open_archive(self%c, path, comm, create, stat=stat, errmsg=errmsg)
  end subroutine archive_open

  !> input, report_field, produce and write: binds an array that is read to a name, or another one that was bound before (an
  !! archive writes it at once).
  subroutine bind_read(self, name, array, global, offset, axes, stat, errmsg)
    class(handle), intent(inout) :: self
    character(len=*), intent(in) :: name
    type(*), dimension(..), intent(in), target :: array
    type(*), dimension(..), intent(in), optional :: global, offset
    character(len=*), intent(in), optional :: axes
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_bind_read(self%c, name, array, global, offset, axes, stat=stat, errmsg=errmsg)
  end subroutine bind_read

  !> output, decision_field, consume and read: the same of an array that is written.
  subroutine bind_written(self, name, array, global, offset, axes, stat, errmsg)
    class(handle), intent(inout) :: self
    character(len=*), intent(in) :: name
    type(*), dimension(..), intent(inout), target :: array
    type(*), dimension(..), intent(in), optional :: global, offset
    character(len=*), intent(in), optional :: axes
    integer, intent(out), optional :: stat; type(*), dimension(..), intent(inout), optional :: errmsg
    call cardan_fortran_bind_written(self%c, name, array, global, offset, axes, stat=stat, errmsg=errmsg)
  end subroutine bind_written

  !> Makes the windows of a channel (collective over its communicator), the handlers of a service or the deciders of
  !! a steering (collective over the session) for what was declared; blocking.
  subroutine start_handle(self, stat, errmsg)
    class(handle), intent(inout) :: self
    integer, intent(out), optional :: stat; character(len=*), intent(inout), optional :: errmsg
    call cardan_fortran_start(self%c, stat=stat, errmsg=errmsg)
  end subroutine start_handle

  !> Ends it. A session ends all that was opened from it; collective over its ranks, a channel's and an
  !! archive's over theirs.
  subroutine close_handle(self, stat, errmsg)
    class(handle), intent(inout) :: self
    integer, intent(out), optional :: stat; character(len=*), intent(inout), optional :: errmsg
    call cardan_fortran_close(self%c, stat=stat, errmsg=errmsg)
  end subroutine close_handle
end module cardan
