/* Counts what all of this process asks of the heap: Cardan, Fortran's runtime and MPI. With
 * sanitizers, which have a heap of their own, nothing is counted. */
#include <stdint.h>
#include <stdlib.h>

static int64_t calls;
static int64_t largest;

void test_count_heap(void)
{
  calls = largest = 0;
}

void test_heap_counted(int64_t* number, int64_t* bytes)
{
  *number = calls;
  *bytes = largest;
}

#ifndef __SANITIZE_ADDRESS__
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static size_t counted(size_t bytes)
{
  ++calls;
  if ((int64_t)bytes > largest) largest = (int64_t)bytes;
  return bytes;
}

void* malloc(size_t bytes)
{
  return __libc_malloc(counted(bytes));
}

void* calloc(size_t count, size_t bytes)
{
  counted(count * bytes);
  return __libc_calloc(count, bytes);
}

void* realloc(void* memory, size_t bytes)
{
  return __libc_realloc(memory, counted(bytes));
}

void* memalign(size_t alignment, size_t bytes)
{
  return __libc_memalign(alignment, counted(bytes));
}

void* aligned_alloc(size_t alignment, size_t bytes)
{
  return __libc_memalign(alignment, counted(bytes));
}

int posix_memalign(void** memory, size_t alignment, size_t bytes)
{
  *memory = __libc_memalign(alignment, counted(bytes));
  return *memory == NULL ? 12 : 0;
}
#endif
