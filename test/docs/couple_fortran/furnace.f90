!> A furnace: a row of cells that burn, each by itself, and conduct heat to their neighbours.
module furnace
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08
  implicit none
  private
  public :: light, burn, conduct, mean_temperature

contains

  !> The state of this rank's cells: (quantity, cell), where the quantities are temperature and fuel.
  subroutine light(comm, state)
    type(MPI_Comm), intent(in) :: comm
    real(real64), intent(out) :: state(:, :)
    integer :: rank, cell
    call MPI_Comm_rank(comm, rank)
    do cell = 1, size(state, 2)
      state(1, cell) = 1 + 0.5_real64 * sin(0.1_real64 * cell + rank)
      state(2, cell) = 0.5_real64 + 0.4_real64 * cos(0.07_real64 * cell - rank)
    end do
  end subroutine light

  !> The expensive part: one cell, in small steps.
  pure subroutine burn(state, burnt)
    real(real64), intent(in) :: state(:)
    real(real64), intent(out) :: burnt(:)
    real(real64), parameter :: dt = 5e-5_real64
    real(real64) :: t, fuel, rate
    integer :: step
    t = state(1)
    fuel = state(2)
    do step = 1, 1000
      rate = 5 * exp(-2 / t) * fuel
      t = t + dt * (3 * rate - t)
      fuel = fuel + dt * (1 - fuel - rate)
    end do
    burnt = [t, fuel]
  end subroutine burn

  !> The cheap part, which wants the neighbours.
  subroutine conduct(comm, burnt, state)
    type(MPI_Comm), intent(in) :: comm
    real(real64), intent(in) :: burnt(:, :)
    real(real64), intent(out) :: state(:, :)
    real(real64) :: t(0:size(burnt, 2) + 1)
    integer :: rank, ranks, left, right, n
    n = size(burnt, 2)
    call MPI_Comm_rank(comm, rank)
    call MPI_Comm_size(comm, ranks)
    left = modulo(rank - 1, ranks)
    right = modulo(rank + 1, ranks)
    t(1:n) = burnt(1, :)
    call MPI_Sendrecv(t(n), 1, MPI_DOUBLE_PRECISION, right, 0, t(0), 1, MPI_DOUBLE_PRECISION, left, 0, &
      comm, MPI_STATUS_IGNORE)
    call MPI_Sendrecv(t(1), 1, MPI_DOUBLE_PRECISION, left, 1, t(n + 1), 1, MPI_DOUBLE_PRECISION, right, 1, &
      comm, MPI_STATUS_IGNORE)
    state(1, :) = t(1:n) + 0.1_real64 * (t(0:n - 1) - 2 * t(1:n) + t(2:n + 1))
    state(2, :) = burnt(2, :)
  end subroutine conduct

  !> Over all ranks; collective.
  real(real64) function mean_temperature(comm, state) result(mean)
    type(MPI_Comm), intent(in) :: comm
    real(real64), intent(in) :: state(:, :)
    real(real64) :: total(2)
    call MPI_Allreduce([sum(state(1, :)), real(size(state, 2), real64)], total, 2, MPI_DOUBLE_PRECISION, &
      MPI_SUM, comm)
    mean = total(1) / total(2)
  end function mean_temperature
end module furnace
