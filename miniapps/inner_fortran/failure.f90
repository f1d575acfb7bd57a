!> How a run ends when it cannot go on: one message, and a status that is not zero.
module inner_failure
  use, intrinsic :: iso_fortran_env, only: error_unit
  use mpi_f08
  implicit none
  private
  public :: end_together, end_job

contains

  !> Collective over comm. Returns when the message is empty on all ranks; else the first rank that
  !> has one writes it, and the job ends.
  subroutine end_together(comm, message)
    type(MPI_Comm), intent(in) :: comm
    character(*), intent(in) :: message
    integer :: rank, ranks, first

    call MPI_Comm_rank(comm, rank)
    call MPI_Comm_size(comm, ranks)
    first = merge(ranks, rank, message == '')
    call MPI_Allreduce(MPI_IN_PLACE, first, 1, MPI_INTEGER, MPI_MIN, comm)
    if (first == ranks) return
    if (rank == first) call end_job(message)
    ! Until the end of the job takes this rank along.
    call MPI_Barrier(comm)
  end subroutine end_together

  !> Local. Writes the message and ends all ranks of the job.
  subroutine end_job(message)
    character(*), intent(in) :: message

    write (error_unit, '(2a)') 'inner_fortran: ', message
    flush (error_unit)
    call MPI_Abort(MPI_COMM_WORLD, 1)
  end subroutine end_job

end module inner_failure
