!> A reaction u' = -u^3 in every cell of a ring of ranks, with diffusion between the cells. It has never heard of
!! Cardan.
module reactor
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08, only: MPI_Comm, MPI_Comm_rank, MPI_Comm_size, MPI_Sendrecv, MPI_DOUBLE_PRECISION, MPI_STATUS_IGNORE
  implicit none
  private
  public :: integrate, diffuse
  real(real64), parameter :: dt = 0.01_real64

contains

  !> The exact flow of u' = -u^3 over a step.
  elemental real(real64) function integrate(u)
    real(real64), intent(in) :: u
    integrate = u / sqrt(1 + 2 * dt * u**2)
  end function integrate

  subroutine diffuse(comm, advanced, state)
    type(MPI_Comm), intent(in) :: comm
    real(real64), intent(in) :: advanced(:)
    real(real64), intent(out) :: state(:)
    real(real64) :: padded(0:size(advanced) + 1)
    integer :: rank, ranks, n
    n = size(advanced)
    call MPI_Comm_rank(comm, rank)
    call MPI_Comm_size(comm, ranks)
    padded(1:n) = advanced
    call MPI_Sendrecv(advanced(n), 1, MPI_DOUBLE_PRECISION, modulo(rank + 1, ranks), 0, &
      padded(0), 1, MPI_DOUBLE_PRECISION, modulo(rank - 1, ranks), 0, comm, MPI_STATUS_IGNORE)
    call MPI_Sendrecv(advanced(1), 1, MPI_DOUBLE_PRECISION, modulo(rank - 1, ranks), 1, &
      padded(n + 1), 1, MPI_DOUBLE_PRECISION, modulo(rank + 1, ranks), 1, comm, MPI_STATUS_IGNORE)
    state = padded(1:n) + 0.1_real64 * (padded(0:n - 1) - 2 * padded(1:n) + padded(2:n + 1))
  end subroutine diffuse
end module reactor
