// What differs between SUNDIALS 6 and 7, and checks of what sundials.f90 says about either.
#include <cvode/cvode.h>
#include <sundials/sundials_config.h>
#include <sundials/sundials_context.h>

#include <stdint.h>

_Static_assert(sizeof(sunrealtype) == sizeof(double), "SUNDIALS must be built in double precision");
_Static_assert(sizeof(sunindextype) == sizeof(int64_t), "SUNDIALS must have indices of 64 bits");
_Static_assert(CV_BDF == 2 && CV_NORMAL == 1, "CVODE's constants are not those of sundials.f90");

int inner_fortran_create_context(SUNContext* context);
int inner_fortran_silence(SUNContext context, void* cvode);

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
