// What differs between SUNDIALS 6 and 7, and with how they are built (indices have 64 bits on
// Debian 12 and 32 on Debian 13); and checks of what sundials.f90 says about both.
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_config.h>
#include <sundials/sundials_context.h>
#include <sunmatrix/sunmatrix_dense.h>

_Static_assert(sizeof(sunrealtype) == sizeof(double), "SUNDIALS must be built in double precision");
_Static_assert(CV_BDF == 2 && CV_NORMAL == 1, "CVODE's constants are not those of sundials.f90");

int inner_fortran_create_context(SUNContext* context);
int inner_fortran_silence(SUNContext context, void* cvode);
N_Vector inner_fortran_create_vector(int length, SUNContext context);
SUNMatrix inner_fortran_create_matrix(int rows, int columns, SUNContext context);

// SUNDIALS 7 takes a communicator, SUNDIALS 6 a pointer to one: either way, none.
int inner_fortran_create_context(SUNContext* context)
{
#if SUNDIALS_VERSION_MAJOR >= 7
  return SUNContext_Create(SUN_COMM_NULL, context);
#else
  return SUNContext_Create(0, context);
#endif
}

// CVODE prints nothing about a failure: its caller does.
int inner_fortran_silence(SUNContext context, void* cvode)
{
#if SUNDIALS_VERSION_MAJOR >= 7
  (void)cvode;
  return SUNContext_ClearErrHandlers(context);
#else
  (void)context;
  return CVodeSetErrFile(cvode, 0);
#endif
}

N_Vector inner_fortran_create_vector(int length, SUNContext context)
{
  return N_VNew_Serial(length, context);
}

SUNMatrix inner_fortran_create_matrix(int rows, int columns, SUNContext context)
{
  return SUNDenseMatrix(rows, columns, context);
}
