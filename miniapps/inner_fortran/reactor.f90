!> Robertson's kinetics in every cell of a 2-D grid, and diffusion between them. One step of Strang
!> splitting is diffuse(dt / 2); react(cell) of every cell, and accept(); diffuse(dt / 2).
!> All fields are the same, bit for bit, whatever the number of ranks.
module inner_reactor
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use mpi_f08
  use inner_diffusion, only: pad, plan_diffusion, plan_type, spread_out
  use inner_failure, only: end_job, end_together
  use inner_halo, only: block_type, halo_type, no_flux
  use inner_initial, only: profile_type
  use inner_robertson, only: robertson_type, species
  implicit none
  private

  type, public :: settings_type
    integer :: nx = 96  ! cells of the whole grid, along x
    integer :: ny = 96  ! and along y
    real(real64) :: length = 1         ! of the domain along x; cells are square
    real(real64) :: dt = 0.4_real64    ! one step, in the units of the rates
    real(real64) :: diffusivity(species) = 1e-4_real64  ! length^2 per time
    integer :: boundary = no_flux
    real(real64) :: relative_tolerance = 1e-9_real64    ! of the kinetics
  end type settings_type

  !> Not to be copied: it owns what open made until close.
  type, public :: reactor_type
    !> This rank's cells without ghosts, x first: cell (ix, iy) is number ix + (iy - 1) nx_local.
    real(real64), allocatable :: state(:, :)     ! species, cells
    !> The same after the kinetics of one step; undefined for cells that did not react since accept.
    real(real64), allocatable :: advanced(:, :)  ! species, cells
    type(settings_type) :: settings
    type(robertson_type) :: kinetics
    type(halo_type), private :: halo
    real(real64), allocatable, private :: padded(:, :, :)
  contains
    procedure :: open
    procedure :: close
    procedure :: own_block
    procedure :: cells
    procedure :: fill
    procedure :: react
    procedure :: accept
    procedure :: diffuse
    procedure :: mass
  end type reactor_type

contains

  !> Collective. Cuts the grid into one block per rank; all concentrations are 0. Ends the job when
  !> there are too many ranks for the grid.
  subroutine open(self, comm, settings)
    class(reactor_type), intent(inout) :: self
    type(MPI_Comm), intent(in) :: comm
    type(settings_type), intent(in) :: settings
    character(:), allocatable :: message
    integer :: extent(2)

    self%settings = settings
    call self%halo%open(comm, [settings%nx, settings%ny], species, settings%boundary, message)
    if (message == '') call self%kinetics%open(settings%relative_tolerance, message)
    call end_together(comm, message)
    extent = self%halo%block%extent
    allocate (self%state(species, product(extent)), self%advanced(species, product(extent)), &
              self%padded(species, 0:extent(1) + 1, 0:extent(2) + 1), source=0.0_real64)
  end subroutine open

  !> Collective.
  subroutine close(self)
    class(reactor_type), intent(inout) :: self

    call self%kinetics%close()
    call self%halo%close()
    deallocate (self%state, self%advanced, self%padded)
  end subroutine close

  !> This rank's part of the grid.
  pure type(block_type) function own_block(self)
    class(reactor_type), intent(in) :: self

    own_block = self%halo%block
  end function own_block

  !> How many cells this rank has.
  pure integer function cells(self)
    class(reactor_type), intent(in) :: self

    cells = size(self%state, 2)
  end function cells

  !> Local. Sets the state at the centres of the cells.
  subroutine fill(self, profile)
    class(reactor_type), intent(inout) :: self
    type(profile_type), intent(in) :: profile
    real(real64) :: edge, x, y
    integer :: cell, ix, iy

    edge = edge_of(self%settings)
    associate (offset => self%halo%block%offset, extent => self%halo%block%extent)
      do cell = 1, self%cells()
        ix = modulo(cell - 1, extent(1))
        iy = (cell - 1) / extent(1)
        x = (offset(1) + ix + 0.5_real64) * edge
        y = (offset(2) + iy + 0.5_real64) * edge
        self%state(:, cell) = profile%at(x, y)
      end do
    end associate
  end subroutine fill

  !> Local. Kinetics over dt, of one cell of this rank, from state into advanced. Ends the job when
  !> the cell cannot be integrated.
  subroutine react(self, cell)
    class(reactor_type), intent(inout) :: self
    integer, intent(in) :: cell
    character(:), allocatable :: message

    call self%kinetics%advance(self%state(:, cell), self%advanced(:, cell), self%settings%dt, &
                               message)
    if (message /= '') call end_job(message)
  end subroutine react

  !> Local. Makes advanced the state.
  subroutine accept(self)
    class(reactor_type), intent(inout) :: self

    self%state = self%advanced
  end subroutine accept

  !> Collective. Diffusion of the state over dt >= 0, in as many equal parts as stability wants.
  subroutine diffuse(self, dt)
    class(reactor_type), intent(inout) :: self
    real(real64), intent(in) :: dt
    type(plan_type) :: plan
    integer(int64) :: part

    plan = plan_diffusion(self%settings%diffusivity, edge_of(self%settings), dt)
    associate (nx => self%halo%block%extent(1), ny => self%halo%block%extent(2))
      do part = 1, plan%parts
        call pad(self%state, nx, ny, self%padded)
        call self%halo%exchange(self%padded)
        call spread_out(self%padded, nx, ny, plan%number, self%state)
      end do
    end associate
  end subroutine diffuse

  !> Collective. Integral of y1 + y2 + y3 over the domain; all of the above conserve it to
  !> round-off.
  real(real64) function mass(self)
    class(reactor_type), intent(in) :: self
    real(real64), allocatable :: all(:)
    real(real64) :: mine, edge
    integer :: ranks

    call MPI_Comm_size(self%halo%comm, ranks)
    allocate (all(ranks))
    mine = careful_sum(self%state, size(self%state))
    call MPI_Allgather(mine, 1, MPI_DOUBLE_PRECISION, all, 1, MPI_DOUBLE_PRECISION, self%halo%comm)
    edge = edge_of(self%settings)
    mass = careful_sum(all, ranks) * edge * edge
  end function mass

  !> Sum that loses one rounding at most (Neumaier 1974): a plain one would drown what the mass
  !> changes.
  pure real(real64) function careful_sum(values, count) result(total)
    integer, intent(in) :: count
    real(real64), intent(in) :: values(count)
    real(real64) :: lost, next
    integer :: i

    total = 0
    lost = 0
    do i = 1, count
      next = total + values(i)
      if (abs(total) >= abs(values(i))) then
        lost = lost + ((total - next) + values(i))
      else
        lost = lost + ((values(i) - next) + total)
      end if
      total = next
    end do
    total = total + lost
  end function careful_sum

  !> Length of a cell's edge.
  pure real(real64) function edge_of(settings)
    type(settings_type), intent(in) :: settings

    edge_of = settings%length / settings%nx
  end function edge_of

end module inner_reactor
