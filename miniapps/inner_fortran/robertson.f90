!> Robertson's autocatalytic kinetics, integrated cell by cell with CVODE (BDF, dense Newton):
!>   y1' = -0.04 y1 + 1e4 y2 y3,   y2' = 0.04 y1 - 1e4 y2 y3 - 3e7 y2^2,   y3' = 3e7 y2^2.
module inner_robertson
  use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
  use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_f_pointer, c_funloc, c_int, &
    c_long, c_null_ptr, c_ptr
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use inner_sundials
  implicit none
  private

  !> Number of species: y1, y2 and y3, in this order everywhere.
  integer, parameter, public :: species = 3

  real(real64), parameter :: slow = 0.04_real64     ! y1 -> y2
  real(real64), parameter :: fast = 3e7_real64      ! y2 + y2 -> y3 + y2
  real(real64), parameter :: moderate = 1e4_real64  ! y2 + y3 -> y1 + y3
  integer(c_long), parameter :: most_steps = 20000  ! per cell: some hundreds are usual

  ! Error allowed per step of the integrator, for each species.
  real(real64), parameter :: absolute_tolerance(species) = &
    [1e-11_real64, 1e-15_real64, 1e-11_real64]

  !> One integrator, for any number of cells. Not to be copied: it owns what open made until close.
  type, public :: robertson_type
    private
    integer(int64), public :: cells = 0  ! advanced so far
    integer(int64), public :: steps = 0  ! of the integrator, over all cells
    type(c_ptr) :: context = c_null_ptr
    type(c_ptr) :: y = c_null_ptr
    type(c_ptr) :: absolute = c_null_ptr
    type(c_ptr) :: matrix = c_null_ptr
    type(c_ptr) :: solver = c_null_ptr
    type(c_ptr) :: cvode = c_null_ptr
    real(real64), pointer :: values(:) => null()  ! of y
  contains
    procedure :: open
    procedure :: close
    procedure :: advance
  end type robertson_type

contains

  !> Makes the integrator; the message is empty when all went well.
  subroutine open(self, relative_tolerance, message)
    class(robertson_type), intent(inout) :: self
    real(real64), intent(in) :: relative_tolerance
    character(:), allocatable, intent(out) :: message
    real(real64), pointer :: absolute(:)
    logical :: good

    message = 'cannot set up the integrator; check the memory and the SUNDIALS installation'
    if (create_context(self%context) < 0) return
    self%y = create_vector(species, self%context)
    self%absolute = create_vector(species, self%context)
    self%matrix = create_matrix(species, species, self%context)
    self%cvode = CVodeCreate(CV_BDF, self%context)
    good = c_associated(self%y) .and. c_associated(self%absolute) .and. c_associated(self%matrix) &
      .and. c_associated(self%cvode)
    if (.not. good) return
    self%solver = SUNLinSol_Dense(self%y, self%matrix, self%context)
    if (.not. c_associated(self%solver)) return
    call c_f_pointer(N_VGetArrayPointer(self%y), self%values, [species])
    call c_f_pointer(N_VGetArrayPointer(self%absolute), absolute, [species])
    self%values = 0
    absolute = absolute_tolerance

    if (silence(self%context, self%cvode) < 0) return
    if (CVodeInit(self%cvode, c_funloc(rate), 0.0_c_double, self%y) < 0) return
    if (CVodeSVtolerances(self%cvode, relative_tolerance, self%absolute) < 0) return
    if (CVodeSetLinearSolver(self%cvode, self%solver, self%matrix) < 0) return
    if (CVodeSetJacFn(self%cvode, c_funloc(jacobian)) < 0) return
    if (CVodeSetMaxNumSteps(self%cvode, most_steps) < 0) return
    message = ''
  end subroutine open

  !> Releases all; the context last, as it has to outlive what was made in it.
  subroutine close(self)
    class(robertson_type), intent(inout) :: self
    integer(c_int) :: ignored

    if (c_associated(self%cvode)) call CVodeFree(self%cvode)
    if (c_associated(self%solver)) ignored = SUNLinSolFree(self%solver)
    if (c_associated(self%matrix)) call SUNMatDestroy(self%matrix)
    if (c_associated(self%absolute)) call N_VDestroy(self%absolute)
    if (c_associated(self%y)) call N_VDestroy(self%y)
    if (c_associated(self%context)) ignored = SUNContext_Free(self%context)
    self%solver = c_null_ptr
    self%matrix = c_null_ptr
    self%absolute = c_null_ptr
    self%y = c_null_ptr
    self%values => null()
  end subroutine close

  !> Integrates one cell over dt > 0. The result depends on nothing but before and dt, bit for bit,
  !> and keeps y1 + y2 + y3 to round-off. When the cell cannot be integrated, the message says why
  !> and after is undefined; else the message is empty.
  subroutine advance(self, before, after, dt, message)
    class(robertson_type), intent(inout) :: self
    real(real64), intent(in) :: before(species)
    real(real64), intent(out) :: after(species)
    real(real64), intent(in) :: dt
    character(:), allocatable, intent(out) :: message
    real(real64) :: mass, reached
    integer(c_int) :: flag
    integer(c_long) :: steps

    mass = before(1) + before(2) + before(3)
    if (.not. (ieee_is_finite(mass) .and. dt > 0)) then
      message = 'cannot integrate cell '//text(before)//' over dt = '//text([dt])// &
        ' (it must be finite, and dt positive); look for its origin upstream'
      return
    end if
    self%values = before
    ! Restarted for every cell: order one, a new first step and a new Jacobian, nothing remembered.
    flag = CVodeReInit(self%cvode, 0.0_c_double, self%y)
    reached = 0
    if (flag >= 0) flag = CVode(self%cvode, dt, self%y, reached, CV_NORMAL)
    if (flag < 0) then
      message = 'cannot integrate cell '//text(before)//' over dt = '//text([dt])// &
        ' (CVODE returned '//flag_name(flag)//' at t = '//text([reached])// &
        '); relax the tolerance, or look for a cell that is not physical'
      return
    end if
    flag = CVodeGetNumSteps(self%cvode, steps)
    self%cells = self%cells + 1
    self%steps = self%steps + steps
    after = self%values
    call correct(after, mass)
    message = ''
  end subroutine advance

  !> BDF conserves y1 + y2 + y3 up to the round-off of some hundred linear solves. What that leaves
  !> is given to the largest component, where it is smallest in proportion; a negative y that is
  !> only the integrator's error around zero becomes zero first, so that its mass stays too.
  pure subroutine correct(y, mass)
    real(real64), intent(inout) :: y(species)
    real(real64), intent(in) :: mass
    integer :: largest

    where (y < 0) y = 0
    largest = maxloc(y, dim=1)
    y(largest) = y(largest) + (mass - (y(1) + y(2) + y(3)))
  end subroutine correct

  !> CVODE's right-hand side.
  integer(c_int) function rate(t, y, dydt, user) bind(C, name='')
    real(c_double), value :: t
    type(c_ptr), value :: y, dydt, user
    real(real64), pointer :: value(:), derivative(:)
    real(real64) :: forth, back, on

    call c_f_pointer(N_VGetArrayPointer(y), value, [species])
    call c_f_pointer(N_VGetArrayPointer(dydt), derivative, [species])
    forth = slow * value(1)
    back = moderate * value(2) * value(3)
    on = fast * value(2) * value(2)
    derivative = [back - forth, forth - back - on, on]
    rate = 0
  end function rate

  !> Its Jacobian, by columns. They sum to zero exactly in the same sense as the rates do.
  integer(c_int) function jacobian(t, y, dydt, matrix, user, work1, work2, work3) bind(C, name='')
    real(c_double), value :: t
    type(c_ptr), value :: y, dydt, matrix, user, work1, work2, work3
    real(real64), pointer :: value(:), entry(:, :)
    real(real64) :: by_y2, by_y3, squared

    call c_f_pointer(N_VGetArrayPointer(y), value, [species])
    call c_f_pointer(SUNDenseMatrix_Data(matrix), entry, [species, species])
    by_y2 = moderate * value(3)
    by_y3 = moderate * value(2)
    squared = 2 * fast * value(2)
    entry(:, 1) = [-slow, slow, 0.0_real64]
    entry(:, 2) = [by_y2, -by_y2 - squared, squared]
    entry(:, 3) = [by_y3, -by_y3, 0.0_real64]
    jacobian = 0
  end function jacobian

  !> Numbers for a message.
  function text(values) result(written)
    real(real64), intent(in) :: values(:)
    character(:), allocatable :: written
    character(80) :: buffer

    write (buffer, '(*(g0.6, :, ", "))') values
    written = trim(buffer)
    if (size(values) > 1) written = '('//written//')'
  end function text

end module inner_robertson
