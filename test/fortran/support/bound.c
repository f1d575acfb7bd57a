/* What the Fortran library hands to the C interface: this program's functions are found before
 * Cardan's, note the array, and call them. */
#define _GNU_SOURCE
#include <cardan/cardan.h>

#include <dlfcn.h>
#include <string.h>

static cardan_array bound;

typedef cardan_status binder(void* handle, const char* name, const cardan_array* array);

static cardan_status pass_on(const char* function, void* handle, const char* name,
                             const cardan_array* array)
{
  if (array != NULL) bound = *array;
  void* found = dlsym(RTLD_NEXT, function);
  binder* next = NULL;
  memcpy(&next, &found, sizeof next);
  return next(handle, name, array);
}

#define NOTE(function, handle)                                                       \
  cardan_status function(handle* owner, const char* name, const cardan_array* array) \
  {                                                                                  \
    return pass_on(#function, owner, name, array);                                   \
  }
NOTE(cardan_surrogate_input, cardan_surrogate)
NOTE(cardan_surrogate_output, cardan_surrogate)
NOTE(cardan_channel_produce, cardan_channel)
NOTE(cardan_channel_consume, cardan_channel)
NOTE(cardan_service_input, cardan_service)
NOTE(cardan_service_output, cardan_service)
NOTE(cardan_steering_report_field, cardan_steering)
NOTE(cardan_steering_decision_field, cardan_steering)
NOTE(cardan_archive_write, cardan_archive)
NOTE(cardan_archive_read, cardan_archive)

void* test_bound_data(void)
{
  return bound.data;
}

/* Whether the last claim whose memory was asked for is the reader's own. */
static int in_place = -1;

int test_claimed_in_place(void)
{
  return in_place;
}

cardan_status cardan_channel_claimed(cardan_channel* channel, const char* name, cardan_array* array,
                                     int* given)
{
  typedef cardan_status claimed(cardan_channel*, const char*, cardan_array*, int*);
  void* found = dlsym(RTLD_NEXT, "cardan_channel_claimed");
  claimed* next = NULL;
  memcpy(&next, &found, sizeof next);
  const cardan_status status = next(channel, name, array, &in_place);
  if (given != NULL) *given = in_place;
  return status;
}
