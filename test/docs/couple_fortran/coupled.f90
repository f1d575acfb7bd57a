program main
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use mpi_f08
  use cardan
  use furnace, only: light, burn, conduct, mean_temperature
  implicit none
  integer, parameter :: cells = 256, steps = 200
  real(real64), target :: state(2, cells), burnt(2, cells)   ! temperature and fuel
  real(real64) :: mean
  integer :: rank, step, i
  type(cardan_session) :: session
  type(cardan_surrogate) :: burning
  type(cardan_counters) :: counters
  type(MPI_Comm) :: comm
  integer(int64), pointer :: left(:)
  logical :: served, trusted

  call MPI_Init()
  call session%open(MPI_COMM_WORLD, 'furnace.toml', served, comm)   ! who simulates, who learns
  if (served) then   ! an ML rank: it has worked until the simulation ended
    call session%close()
    call MPI_Finalize()
    stop
  end if
  call burning%open(session, 'burning')
  call burning%input('state', state, axes='quantity cell')
  call burning%output('burnt', burnt, axes='quantity cell')

  call light(comm, state)
  do step = 1, steps
    call burning%predict(trusted, left, step)
    do i = 1, size(left)   ! what the model was not trusted with
      call burn(state(:, left(i)), burnt(:, left(i)))
    end do
    if (.not. trusted) call burning%observe(left)
    call conduct(comm, burnt, state)
  end do
  mean = mean_temperature(comm, state)
  call burning%report(counters)
  call MPI_Comm_rank(comm, rank)
  if (rank == 0) then
    print '(a, f8.6)', 'mean temperature ', mean
    print '(5(a, i0))', 'of ', counters%asked, ' cells the model did ', counters%trusted, &
      '; not ready ', counters%not_ready, ', unsure ', counters%unsure, ', outside ', counters%outside
  end if
  call session%close()
  call MPI_Finalize()
end program main
