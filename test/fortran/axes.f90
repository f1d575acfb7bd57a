! A field whose axes the run file names arrives in the run file's order from whoever holds it in whatever order: from
! Fortran in both, and from C (axes.c, rank 2). The last rank is an ML rank, where axes.c looks at what arrives.
program axes
  use, intrinsic :: iso_fortran_env, only: real32, real64
  use, intrinsic :: iso_c_binding, only: c_char, c_null_char, c_int64_t, c_ptr, c_f_pointer
  use cardan
  use checks
  use mpi_f08
  implicit none
  interface
    subroutine c_register() bind(c, name="axes_register")
    end subroutine c_register
    subroutine c_rank(run_file) bind(c, name="axes_rank")
      import :: c_char
      character(kind=c_char), intent(in) :: run_file(*)
    end subroutine c_rank
  end interface
  character(len=*), parameter :: run_file = 'fortran_axes.toml'
  integer, parameter :: cells = 6, species = 3, nx = 5, ny = 4, nz = 3
  type(cardan_session) :: session
  type(MPI_Comm) :: comm
  logical :: served

  call MPI_Init()
  call write_file(run_file, [character(len=60) :: '[run]', 'quiet = true', '[ranks]', 'ml = { count = 1 }', &
    '[field.state]', 'axes = ["cell", "species"]', '[field.rates]', 'axes = ["cell", "species"]', &
    '[field.flow]', 'axes = ["z", "y", "x"]', '[service.chemistry]', 'kind = "axes"', 'deadline = "30 s"'])
  call c_register()
  if (my_rank() == 2) then
    call c_rank(run_file // c_null_char)
  else
    call session%open(MPI_COMM_WORLD, run_file, served, comm)
    if (.not. served) then
      call ask()
      call move()
      call move_slot()
    end if
    call session%close()
  end if
  call delete_file(run_file)
  call MPI_Finalize()

contains

  !> Rank 0 has (species, cell), rank 1 has (cell, species).
  subroutine ask()
    real(real64), target :: state(species, cells), rates(0:species + 1, cells), turned(cells, species), &
      turned_rates(cells, species)
    type(cardan_service) :: chemistry
    integer(c_int64_t) :: request
    integer :: c, s
    logical :: answered
    do c = 1, cells
      do s = 1, species
        state(s, c) = 100 * (c - 1) + (s - 1) + 1
      end do
    end do
    turned = transpose(state)
    call chemistry%open(session, 'chemistry')
    if (my_rank() == 0) then
      call chemistry%input('state', state, axes='species cell')
      call chemistry%output('rates', rates(1:species, :), axes='  species,cell ')
    else
      call chemistry%input('state', turned, axes='cell species')
      call chemistry%output('rates', turned_rates, axes='cell species')
    end if
    call chemistry%start()
    call chemistry%request(request)
    call chemistry%wait(request, answered)
    call check(answered, 'the request was answered')
    if (my_rank() == 0) turned_rates = transpose(rates(1:species, :))
    call check(all(nint(2 * turned_rates) == nint(2 * turned) + 1), 'the rates are in the caller''s order')
    call chemistry%close()
  end subroutine ask

  pure real(real32) function flow_at(x, y, z)
    integer, intent(in) :: x, y, z
    flow_at = 100 * x + 10 * y + z
  end function flow_at

  !> Rank 0 puts flow(x, y, z), with ghosts; rank 1 takes flow(y, x, z), and rank 2 flow[z][y][x] in C. `global` and
  !! `offset` are in the order of the array's own indices.
  subroutine move()
    real(real32), target :: given(0:nx + 1, 0:ny + 1, nz), taken(ny, nx - 2, nz)
    type(cardan_channel) :: channel
    integer :: x, y, z, step
    logical :: there
    call channel%open(session, comm, 'flow')
    if (my_rank() == 0) then
      given = -1
      do z = 1, nz
        do y = 1, ny
          do x = 1, nx
            given(x, y, z) = flow_at(x, y, z)
          end do
        end do
      end do
      call channel%produce('flow', given(1:nx, 1:ny, :), [nx, ny, nz], [0, 0, 0], axes='x y z')
    else
      call channel%consume('flow', taken, [ny, nx, nz], [0, 2, 0], axes='y x z')
    end if
    call channel%start()
    if (my_rank() == 0) then
      call channel%put(1)
    else
      call channel%take(step, there)
      call check(there, 'the flow was taken')
      do z = 1, nz
        do y = 1, ny
          do x = 3, nx
            call check(nint(taken(y, x - 2, z)) == nint(flow_at(x, y, z)), 'the flow is in the reader''s order')
          end do
        end do
      end do
    end if
    call channel%close()
  end subroutine move

  !> Slots are in the order of the array that was bound: rank 0 writes flow(x, y, z) into what rank 1 reads so.
  subroutine move_slot()
    real(real32), target :: described(nx, ny, nz)
    real(real32), pointer :: flow(:, :, :)
    type(cardan_channel) :: channel
    type(c_ptr) :: address
    integer :: shape(3), x, y, z, step
    logical :: there
    call channel%open(session, comm, 'slot')
    if (my_rank() == 0) call channel%produce('flow', described, [nx, ny, nz], [0, 0, 0], axes='x y z')
    if (my_rank() == 1) call channel%consume('flow', described, [nx, ny, nz], [0, 0, 0], axes='x y z')
    call channel%start()
    if (my_rank() == 0) then
      call channel%claim(1, there)
    else
      call channel%peek(step, there)
    end if
    call channel%slot('flow', address, shape)
    call check(there .and. all(shape == [nx, ny, nz]), 'the slot''s shape')
    call c_f_pointer(address, flow, shape)
    do z = 1, nz
      do y = 1, ny
        do x = 1, nx
          if (my_rank() == 0) flow(x, y, z) = flow_at(x, y, z)
          call check(nint(flow(x, y, z)) == nint(flow_at(x, y, z)), 'the slot''s elements')
        end do
      end do
    end do
    if (my_rank() == 0) call channel%publish()
    if (my_rank() == 1) call channel%release()
    call channel%close()
  end subroutine move_slot
end program axes
