!> Initial concentrations by name, for a domain of width (x) by height (y):
!>   homogeneous  (1, 0, 0) everywhere;
!>   blobs        smooth blobs of y1 in [0.4, 1] and, independently, of y3 in [0, 0.6]; y2 = 0.
!> The seed decides the blobs, on every machine and for any decomposition: those of miniapps/inner.
module inner_initial
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use inner_random, only: random_type
  use inner_robertson, only: species
  implicit none
  private
  public :: make_profile

  integer, parameter :: blobs = 12

  type :: blob_type
    real(real64) :: x, y, radius, strength
  end type blob_type

  type, public :: profile_type
    private
    type(blob_type), allocatable :: first(:), third(:)  ! none: homogeneous
  contains
    procedure :: at
  end type profile_type

contains

  !> The message is empty for a name that is known.
  subroutine make_profile(profile, name, seed, width, height, message)
    type(profile_type), intent(out) :: profile
    character(*), intent(in) :: name
    integer(int64), intent(in) :: seed
    real(real64), intent(in) :: width, height
    character(:), allocatable, intent(out) :: message
    type(random_type) :: random

    message = ''
    allocate (profile%first(0), profile%third(0))
    select case (name)
    case ('homogeneous')
    case ('blobs')
      call random%seed(seed)
      profile%first = make_blobs(random, width, height)
      profile%third = make_blobs(random, width, height)
    case default
      message = "initial = '"//name//"' (known: homogeneous, blobs); choose one of them"
    end select
  end subroutine make_profile

  function make_blobs(random, width, height) result(made)
    type(random_type), intent(inout) :: random
    real(real64), intent(in) :: width, height
    type(blob_type) :: made(blobs)
    integer :: i

    do i = 1, blobs
      made(i)%x = random%uniform(0.0_real64, width)
      made(i)%y = random%uniform(0.0_real64, height)
      made(i)%radius = random%uniform(0.06_real64, 0.16_real64) * min(width, height)
      made(i)%strength = random%uniform(0.5_real64, 1.0_real64)
    end do
  end function make_blobs

  !> Concentrations of all species at the point (x, y) of the domain.
  pure function at(self, x, y) result(cell)
    class(profile_type), intent(in) :: self
    real(real64), intent(in) :: x, y
    real(real64) :: cell(species)

    cell(1) = 1 - 0.6_real64 * cover(self%first, x, y)
    cell(2) = 0
    cell(3) = 0.6_real64 * cover(self%third, x, y)
  end function at

  !> A smooth field between 0 and 1: one minus the product of what each blob lets through.
  pure real(real64) function cover(blob, x, y)
    type(blob_type), intent(in) :: blob(:)
    real(real64), intent(in) :: x, y
    real(real64) :: squared, through
    integer :: i

    through = 1
    do i = 1, size(blob)
      squared = (x - blob(i)%x)**2 + (y - blob(i)%y)**2
      through = through * (1 - blob(i)%strength * exp(-squared / (2 * blob(i)%radius**2)))
    end do
    cover = 1 - through
  end function cover

end module inner_initial
