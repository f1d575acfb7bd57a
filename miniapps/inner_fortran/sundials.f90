!> The functions of SUNDIALS 6 and 7 that the kinetics call; Debian ships no Fortran modules of it.
!> All handles are C pointers. The functions named create_* and silence are sundials.c's, which
!> knows what differs between versions and checks the constants.
module inner_sundials
  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_f_pointer, c_funptr, c_int, &
    c_long, c_ptr, c_size_t
  implicit none
  private
  public :: create_context, silence, SUNContext_Free
  public :: create_vector, N_VDestroy, N_VGetArrayPointer
  public :: create_matrix, SUNDenseMatrix_Data, SUNMatDestroy, SUNLinSol_Dense, SUNLinSolFree
  public :: CVodeCreate, CVodeFree, CVodeInit, CVodeReInit, CVodeSVtolerances
  public :: CVodeSetLinearSolver, CVodeSetJacFn, CVodeSetMaxNumSteps, CVode
  public :: CVodeGetNumSteps, flag_name

  integer(c_int), parameter, public :: CV_BDF = 2, CV_NORMAL = 1

  ! The context.
  interface
    integer(c_int) function create_context(context) bind(C, name='inner_fortran_create_context')
      import :: c_int, c_ptr
      type(c_ptr), intent(out) :: context
    end function create_context

    integer(c_int) function silence(context, cvode) bind(C, name='inner_fortran_silence')
      import :: c_int, c_ptr
      type(c_ptr), value :: context, cvode
    end function silence

    integer(c_int) function SUNContext_Free(context) bind(C, name='SUNContext_Free')
      import :: c_int, c_ptr
      type(c_ptr), intent(inout) :: context
    end function SUNContext_Free
  end interface

  ! Vectors, matrices, linear solvers.
  interface
    type(c_ptr) function create_vector(length, context) bind(C, name='inner_fortran_create_vector')
      import :: c_int, c_ptr
      integer(c_int), value :: length
      type(c_ptr), value :: context
    end function create_vector

    subroutine N_VDestroy(vector) bind(C, name='N_VDestroy')
      import :: c_ptr
      type(c_ptr), value :: vector
    end subroutine N_VDestroy

    type(c_ptr) function N_VGetArrayPointer(vector) bind(C, name='N_VGetArrayPointer')
      import :: c_ptr
      type(c_ptr), value :: vector
    end function N_VGetArrayPointer

    type(c_ptr) function create_matrix(rows, columns, context) &
      bind(C, name='inner_fortran_create_matrix')
      import :: c_int, c_ptr
      integer(c_int), value :: rows, columns
      type(c_ptr), value :: context
    end function create_matrix

    type(c_ptr) function SUNDenseMatrix_Data(matrix) bind(C, name='SUNDenseMatrix_Data')
      import :: c_ptr
      type(c_ptr), value :: matrix
    end function SUNDenseMatrix_Data

    subroutine SUNMatDestroy(matrix) bind(C, name='SUNMatDestroy')
      import :: c_ptr
      type(c_ptr), value :: matrix
    end subroutine SUNMatDestroy

    type(c_ptr) function SUNLinSol_Dense(vector, matrix, context) bind(C, name='SUNLinSol_Dense')
      import :: c_ptr
      type(c_ptr), value :: vector, matrix, context
    end function SUNLinSol_Dense

    integer(c_int) function SUNLinSolFree(solver) bind(C, name='SUNLinSolFree')
      import :: c_int, c_ptr
      type(c_ptr), value :: solver
    end function SUNLinSolFree
  end interface

  ! The integrator.
  interface
    type(c_ptr) function CVodeCreate(method, context) bind(C, name='CVodeCreate')
      import :: c_int, c_ptr
      integer(c_int), value :: method
      type(c_ptr), value :: context
    end function CVodeCreate

    subroutine CVodeFree(cvode) bind(C, name='CVodeFree')
      import :: c_ptr
      type(c_ptr), intent(inout) :: cvode
    end subroutine CVodeFree

    integer(c_int) function CVodeInit(cvode, rate, t, y) bind(C, name='CVodeInit')
      import :: c_double, c_funptr, c_int, c_ptr
      type(c_ptr), value :: cvode, y
      type(c_funptr), value :: rate
      real(c_double), value :: t
    end function CVodeInit

    integer(c_int) function CVodeReInit(cvode, t, y) bind(C, name='CVodeReInit')
      import :: c_double, c_int, c_ptr
      type(c_ptr), value :: cvode, y
      real(c_double), value :: t
    end function CVodeReInit

    integer(c_int) function CVodeSVtolerances(cvode, relative, absolute) &
      bind(C, name='CVodeSVtolerances')
      import :: c_double, c_int, c_ptr
      type(c_ptr), value :: cvode, absolute
      real(c_double), value :: relative
    end function CVodeSVtolerances

    integer(c_int) function CVodeSetLinearSolver(cvode, solver, matrix) &
      bind(C, name='CVodeSetLinearSolver')
      import :: c_int, c_ptr
      type(c_ptr), value :: cvode, solver, matrix
    end function CVodeSetLinearSolver

    integer(c_int) function CVodeSetJacFn(cvode, jacobian) bind(C, name='CVodeSetJacFn')
      import :: c_funptr, c_int, c_ptr
      type(c_ptr), value :: cvode
      type(c_funptr), value :: jacobian
    end function CVodeSetJacFn

    integer(c_int) function CVodeSetMaxNumSteps(cvode, steps) bind(C, name='CVodeSetMaxNumSteps')
      import :: c_int, c_long, c_ptr
      type(c_ptr), value :: cvode
      integer(c_long), value :: steps
    end function CVodeSetMaxNumSteps

    integer(c_int) function CVode(cvode_, wanted, y, reached, task) bind(C, name='CVode')
      import :: c_double, c_int, c_ptr
      type(c_ptr), value :: cvode_, y
      real(c_double), value :: wanted
      real(c_double), intent(inout) :: reached
      integer(c_int), value :: task
    end function CVode

    integer(c_int) function CVodeGetNumSteps(cvode, steps) bind(C, name='CVodeGetNumSteps')
      import :: c_int, c_long, c_ptr
      type(c_ptr), value :: cvode
      integer(c_long), intent(out) :: steps
    end function CVodeGetNumSteps

    type(c_ptr) function CVodeGetReturnFlagName(flag) bind(C, name='CVodeGetReturnFlagName')
      import :: c_long, c_ptr
      integer(c_long), value :: flag
    end function CVodeGetReturnFlagName
  end interface

  ! The C library's.
  interface
    integer(c_size_t) function strlen(text) bind(C, name='strlen')
      import :: c_ptr, c_size_t
      type(c_ptr), value :: text
    end function strlen

    subroutine free(memory) bind(C, name='free')
      import :: c_ptr
      type(c_ptr), value :: memory
    end subroutine free
  end interface

contains

  !> The name that CVODE gives to one of its return values.
  function flag_name(flag) result(name)
    integer(c_int), intent(in) :: flag
    character(:), allocatable :: name
    type(c_ptr) :: text
    character(kind=c_char), pointer :: letters(:)
    integer :: i

    text = CVodeGetReturnFlagName(int(flag, c_long))
    call c_f_pointer(text, letters, [strlen(text)])
    allocate (character(size(letters)) :: name)
    do i = 1, size(letters)
      name(i:i) = letters(i)
    end do
    call free(text)
  end function flag_name

end module inner_sundials
