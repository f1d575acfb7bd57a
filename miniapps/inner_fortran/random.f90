!> The 64-bit Mersenne Twister (Matsumoto and Nishimura 1998, 2000), which C++ calls
!> std::mt19937_64: the same seed gives the same numbers. An integer stands for its 64 bits; shifts
!> and masks are Fortran's own, and the one product that wraps around is done in parts, so that
!> nothing overflows.
module inner_random
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none
  private

  integer, parameter :: length = 312, middle = 156, lower_bits = 31
  integer(int64), parameter :: twist_mask = int(z'B5026F5AA96619E9', int64)
  integer(int64), parameter :: lower_mask = int(z'7FFFFFFF', int64)
  integer(int64), parameter :: seed_factor = 6364136223846793005_int64

  type, public :: random_type
    private
    integer(int64) :: words(0:length - 1) = 0
    integer :: next = length
  contains
    procedure :: seed
    procedure :: bits
    procedure :: uniform
  end type random_type

contains

  pure subroutine seed(self, value)
    class(random_type), intent(inout) :: self
    integer(int64), intent(in) :: value
    integer :: i

    self%words(0) = value
    do i = 1, length - 1
      associate (before => self%words(i - 1))
        self%words(i) = multiply_add(seed_factor, ieor(before, shiftr(before, 62)), int(i, int64))
      end associate
    end do
    self%next = length
  end subroutine seed

  !> a b + c modulo 2^64, in digits of 16 bits; c is not negative and small.
  pure integer(int64) function multiply_add(a, b, c) result(bits)
    integer(int64), intent(in) :: a, b, c
    integer(int64) :: total
    integer :: place, i

    bits = 0
    total = c
    do place = 0, 3
      do i = 0, place
        total = total + ibits(a, 16 * i, 16) * ibits(b, 16 * (place - i), 16)
      end do
      bits = ior(bits, shiftl(ibits(total, 0, 16), 16 * place))
      total = shiftr(total, 16)
    end do
  end function multiply_add

  !> The next 64 bits.
  integer(int64) function bits(self)
    class(random_type), intent(inout) :: self

    if (self%next == length) call twist(self%words)
    if (self%next == length) self%next = 0
    bits = self%words(self%next)
    self%next = self%next + 1
    bits = ieor(bits, iand(shiftr(bits, 29), int(z'5555555555555555', int64)))
    bits = ieor(bits, iand(shiftl(bits, 17), int(z'71D67FFFEDA60000', int64)))
    bits = ieor(bits, iand(shiftl(bits, 37), int(z'FFF7EEE000000000', int64)))
    bits = ieor(bits, shiftr(bits, 43))
  end function bits

  pure subroutine twist(words)
    integer(int64), intent(inout) :: words(0:)
    integer(int64) :: joined
    integer :: i

    do i = 0, length - 1
      joined = ior(iand(words(i), not(lower_mask)), iand(words(modulo(i + 1, length)), lower_mask))
      words(i) = ieor(words(modulo(i + middle, length)), shiftr(joined, 1))
      if (btest(joined, 0)) words(i) = ieor(words(i), twist_mask)
    end do
  end subroutine twist

  !> Uniform in [low, high), from the upper 53 bits of the next 64.
  real(real64) function uniform(self, low, high)
    class(random_type), intent(inout) :: self
    real(real64), intent(in) :: low, high

    uniform = low + (high - low) * scale(real(shiftr(self%bits(), 11), real64), -53)
  end function uniform

end module inner_random
