!> A block decomposition of a 2-D grid, and the exchange of one layer of ghost cells around each
!> block.
module inner_halo
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use mpi_f08
  implicit none
  private

  !> What lies beyond the edges of the domain.
  integer, parameter, public :: no_flux = 1, periodic = 2

  !> This rank's part of the grid, each extent along x, then y, and counted in cells.
  type, public :: block_type
    integer :: whole(2) = 0
    integer :: offset(2) = 0
    integer :: extent(2) = 0
  end type block_type

  !> Not to be copied: it owns a communicator and datatypes until close. The communicator is its
  !> own, so that its messages meet no others.
  type, public :: halo_type
    private
    type(block_type), public :: block
    type(MPI_Comm), public :: comm = MPI_COMM_NULL  ! the ranks given, in the same order
    integer :: components = 0
    type(MPI_Datatype) :: row = MPI_DATATYPE_NULL
    type(MPI_Datatype) :: column = MPI_DATATYPE_NULL
    integer :: north = MPI_PROC_NULL  ! towards larger y
    integer :: south = MPI_PROC_NULL
    integer :: east = MPI_PROC_NULL   ! towards larger x
    integer :: west = MPI_PROC_NULL
  contains
    procedure :: open
    procedure :: close
    procedure :: exchange
  end type halo_type

contains

  !> Collective. Cuts a grid of cells along x and y, with so many components per cell, into a block
  !> for each rank. The message, the same on all ranks, is empty when that can be done.
  subroutine open(self, comm, cells, components, boundary, message)
    class(halo_type), intent(inout) :: self
    type(MPI_Comm), intent(in) :: comm
    integer, intent(in) :: cells(2), components, boundary
    character(:), allocatable, intent(out) :: message
    integer :: ranks(2), place(2), rank, last, axis
    logical :: wraps(2)

    call cut(comm, cells, ranks, message)
    if (message /= '') return
    ! MPI counts the last axis first: y, then x.
    wraps = boundary == periodic
    call MPI_Cart_create(comm, 2, [ranks(2), ranks(1)], wraps, .false., self%comm)
    call MPI_Comm_rank(self%comm, rank)
    call MPI_Cart_coords(self%comm, rank, 2, place)
    place = place([2, 1])
    call MPI_Cart_shift(self%comm, 0, 1, self%south, self%north)
    call MPI_Cart_shift(self%comm, 1, 1, self%west, self%east)

    self%block%whole = cells
    do axis = 1, 2
      self%block%offset(axis) = cells_before(cells(axis), place(axis), ranks(axis))
      last = cells_before(cells(axis), place(axis) + 1, ranks(axis))
      self%block%extent(axis) = last - self%block%offset(axis)
    end do
    self%components = components
    associate (nx => self%block%extent(1), ny => self%block%extent(2))
      call MPI_Type_contiguous(nx * components, MPI_DOUBLE_PRECISION, self%row)
      call MPI_Type_vector(ny, components, (nx + 2) * components, MPI_DOUBLE_PRECISION, self%column)
    end associate
    call MPI_Type_commit(self%row)
    call MPI_Type_commit(self%column)
  end subroutine open

  !> Collective.
  subroutine close(self)
    class(halo_type), intent(inout) :: self

    if (self%comm == MPI_COMM_NULL) return
    call MPI_Type_free(self%column)
    call MPI_Type_free(self%row)
    call MPI_Comm_free(self%comm)
  end subroutine close

  !> Ranks along x and y: as square as MPI makes it, the larger number along the longer axis.
  subroutine cut(comm, cells, ranks, message)
    type(MPI_Comm), intent(in) :: comm
    integer, intent(in) :: cells(2)
    integer, intent(out) :: ranks(2)
    character(:), allocatable, intent(out) :: message
    character(200) :: buffer
    integer :: all, axis

    call MPI_Comm_size(comm, all)
    ranks = 0
    call MPI_Dims_create(all, 2, ranks)
    if (cells(1) <= cells(2)) ranks = ranks([2, 1])
    buffer = ''
    do axis = 1, 2
      if (cells(axis) >= ranks(axis)) cycle
      write (buffer, '(*(g0))') 'cannot cut the grid of ', cells(1), ' x ', cells(2), &
        ' cells among ', all, ' ranks (', ranks(axis), ' of them along an axis of ', cells(axis), &
        ' cells); use fewer ranks or a larger grid'
    end do
    message = trim(buffer)
  end subroutine cut

  !> Cells before a part, counted from 0, when they are cut into parts that differ by one at most.
  pure integer function cells_before(cells, part, parts)
    integer, intent(in) :: cells, part, parts

    cells_before = int(int(cells, int64) * part / parts)
  end function cells_before

  !> Collective. Fills the ghosts on the four sides from the neighbours (corners are left alone);
  !> beyond an edge without flux a ghost repeats its cell. A message is tagged with the way it
  !> travels: with two ranks around a periodic axis, both neighbours are the same rank, and with one
  !> rank it is this rank itself.
  subroutine exchange(self, padded)
    class(halo_type), intent(in) :: self
    real(real64), asynchronous, intent(inout) :: &
      padded(self%components, 0:self%block%extent(1) + 1, 0:self%block%extent(2) + 1)
    integer, parameter :: northward = 0, southward = 1, eastward = 2, westward = 3
    type(MPI_Request) :: requests(8)

    associate (nx => self%block%extent(1), ny => self%block%extent(2), &
               row => self%row, column => self%column, comm => self%comm)
      call MPI_Irecv(padded(1, 1, 0), 1, row, self%south, northward, comm, requests(1))
      call MPI_Irecv(padded(1, 1, ny + 1), 1, row, self%north, southward, comm, requests(2))
      call MPI_Irecv(padded(1, 0, 1), 1, column, self%west, eastward, comm, requests(3))
      call MPI_Irecv(padded(1, nx + 1, 1), 1, column, self%east, westward, comm, requests(4))
      call MPI_Isend(padded(1, 1, ny), 1, row, self%north, northward, comm, requests(5))
      call MPI_Isend(padded(1, 1, 1), 1, row, self%south, southward, comm, requests(6))
      call MPI_Isend(padded(1, nx, 1), 1, column, self%east, eastward, comm, requests(7))
      call MPI_Isend(padded(1, 1, 1), 1, column, self%west, westward, comm, requests(8))
      call MPI_Waitall(8, requests, MPI_STATUSES_IGNORE)

      if (self%south == MPI_PROC_NULL) padded(:, 1:nx, 0) = padded(:, 1:nx, 1)
      if (self%north == MPI_PROC_NULL) padded(:, 1:nx, ny + 1) = padded(:, 1:nx, ny)
      if (self%west == MPI_PROC_NULL) padded(:, 0, 1:ny) = padded(:, 1, 1:ny)
      if (self%east == MPI_PROC_NULL) padded(:, nx + 1, 1:ny) = padded(:, nx, 1:ny)
    end associate
  end subroutine exchange

end module inner_halo
