!> What a run says while it runs and at its end, and the file of its final fields.
module inner_output
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, output_unit, real64
  use mpi_f08
  use inner_failure, only: end_together
  use inner_halo, only: block_type
  use inner_problem, only: problem_type
  use inner_reactor, only: reactor_type
  use inner_robertson, only: species
  implicit none
  private
  public :: write_fields

  !> Times and figures of a run; from begin to report, on all ranks of a communicator.
  type, public :: log_type
    private
    type(MPI_Comm) :: comm = MPI_COMM_NULL
    integer :: rank = 0
    real(real64), allocatable :: chemistry(:)  ! seconds, of each step on this rank
    real(real64) :: begun = 0, started = 0, mass = 0
  contains
    procedure :: begin
    procedure :: chemistry_begins
    procedure :: chemistry_ends
    procedure :: report
  end type log_type

contains

  !> Collective over comm, the reactor's. The run begins.
  subroutine begin(self, comm, reactor, steps)
    class(log_type), intent(inout) :: self
    type(MPI_Comm), intent(in) :: comm
    type(reactor_type), intent(in) :: reactor
    integer, intent(in) :: steps

    self%comm = comm
    call MPI_Comm_rank(comm, self%rank)
    allocate (self%chemistry(steps), source=0.0_real64)
    self%mass = reactor%mass()
    call MPI_Barrier(comm)
    self%begun = MPI_Wtime()
  end subroutine begin

  !> Local.
  subroutine chemistry_begins(self)
    class(log_type), intent(inout) :: self

    self%started = MPI_Wtime()
  end subroutine chemistry_begins

  !> Local. Rank 0 says after each tenth of the steps how far the run is.
  subroutine chemistry_ends(self, step)
    class(log_type), intent(inout) :: self
    integer, intent(in) :: step

    self%chemistry(step) = MPI_Wtime() - self%started
    associate (steps => size(self%chemistry, kind=int64))
      if (self%rank /= 0 .or. step * 10_int64 / steps == (step - 1) * 10_int64 / steps) return
      write (error_unit, '(i5, a, i0, a, f8.1, a)') step, '/', steps, ' steps', &
        MPI_Wtime() - self%begun, ' s'
    end associate
  end subroutine chemistry_ends

  !> Collective. The run has ended: rank 0 writes what it was. Times are the slowest rank's.
  subroutine report(self, reactor, problem)
    class(log_type), intent(inout) :: self
    type(reactor_type), intent(in) :: reactor
    type(problem_type), intent(in) :: problem
    real(real64) :: seconds, drift
    integer(int64) :: counts(2)
    integer :: ranks

    call MPI_Barrier(self%comm)
    seconds = MPI_Wtime() - self%begun
    drift = abs(reactor%mass() - self%mass) / self%mass
    counts = [reactor%kinetics%cells, reactor%kinetics%steps]
    call MPI_Comm_size(self%comm, ranks)
    call MPI_Allreduce(MPI_IN_PLACE, seconds, 1, MPI_DOUBLE_PRECISION, MPI_MAX, self%comm)
    call MPI_Allreduce(MPI_IN_PLACE, self%chemistry, size(self%chemistry), MPI_DOUBLE_PRECISION, &
                       MPI_MAX, self%comm)
    call MPI_Allreduce(MPI_IN_PLACE, counts, size(counts), MPI_INTEGER8, MPI_SUM, self%comm)
    if (self%rank /= 0) return
    associate (it => problem%settings)
      write (output_unit, '(5(a, i0))') 'inner_fortran: ', it%ny, ' x ', it%nx, ' cells, ', &
        problem%steps, ' steps, seed ', problem%seed, ', ranks ', ranks
    end associate
    write (output_unit, '(a, f12.2, a)') '  wall time           ', seconds, ' s'
    write (output_unit, '(a, f12.2, a)') '  chemistry           ', sum(self%chemistry), ' s'
    write (output_unit, '(a, es12.1)') '  drift of mass       ', drift
    write (output_unit, '(a, i12)') '  cells integrated    ', counts(1)
    write (output_unit, '(a, i12)') '  steps of integrators', counts(2)
    flush (output_unit)
  end subroutine report

  !> Collective over comm, the reactor's. Writes the whole grid's concentrations to a file of
  !> nothing but numbers of 64 bits, as they are in memory: species first, then cells along x, then
  !> along y (a numpy array of shape (ny, nx, 3)). Ends the job when that fails.
  subroutine write_fields(comm, reactor, path)
    type(MPI_Comm), intent(in) :: comm
    type(reactor_type), intent(in) :: reactor
    character(*), intent(in) :: path
    type(MPI_File) :: file
    type(MPI_Datatype) :: part
    type(block_type) :: block
    character(:), allocatable :: message
    integer :: status, rank

    block = reactor%own_block()
    call MPI_File_open(comm, path, MPI_MODE_CREATE + MPI_MODE_WRONLY, MPI_INFO_NULL, file, status)
    call explain(status, message)
    call end_together(comm, message)
    call MPI_Type_create_subarray(3, [species, block%whole], [species, block%extent], &
                                  [0, block%offset], MPI_ORDER_FORTRAN, MPI_DOUBLE_PRECISION, part)
    call MPI_Type_commit(part)
    call MPI_File_set_size(file, 0_MPI_OFFSET_KIND, status)
    if (status == MPI_SUCCESS) then
      call MPI_File_set_view(file, 0_MPI_OFFSET_KIND, MPI_DOUBLE_PRECISION, part, 'native', &
                             MPI_INFO_NULL, status)
    end if
    if (status == MPI_SUCCESS) then
      call MPI_File_write_all(file, reactor%state, size(reactor%state), MPI_DOUBLE_PRECISION, &
                              MPI_STATUS_IGNORE, status)
    end if
    call explain(status, message)
    call end_together(comm, message)
    call MPI_File_close(file, status)
    call explain(status, message)
    call end_together(comm, message)
    call MPI_Type_free(part)
    call MPI_Comm_rank(comm, rank)
    if (rank == 0) write (output_unit, '(2a)') 'wrote ', path

  contains

    subroutine explain(code, said)
      integer, intent(in) :: code
      character(:), allocatable, intent(out) :: said
      character(MPI_MAX_ERROR_STRING) :: reason
      integer :: length

      said = ''
      if (code == MPI_SUCCESS) return
      call MPI_Error_string(code, reason, length)
      said = 'cannot write '//path//' ('//reason(:length)// &
        '); check the folder, its rights and the disk'
    end subroutine explain
  end subroutine write_fields

end module inner_output
