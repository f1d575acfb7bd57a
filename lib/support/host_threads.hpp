/// The simulation's threads stay as they are where a module is used in its process.
#pragma once

#include <dlfcn.h>

namespace cardan {

/// Torch sets the threads of OpenMP for the whole process when it first asks for them: while this
/// lives it may; afterwards they are as they were.
class HostThreads {
 public:
  HostThreads()
  {
    if (const auto get = find<int (*)()>("omp_get_max_threads")) before_ = get();
  }
  ~HostThreads()
  {
    if (const auto set = find<void (*)(int)>("omp_set_num_threads"); set && before_ > 0)
      set(before_);
  }
  HostThreads(const HostThreads&) = delete;
  HostThreads& operator=(const HostThreads&) = delete;

 private:
  template <class Function>
  static Function find(const char* name)
  {
    return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  }
  int before_ = 0;
};

}  // namespace cardan
