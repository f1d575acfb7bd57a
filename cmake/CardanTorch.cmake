# LibTorch as the target cardan_torch_deps, and CARDAN_TORCH_VERSION; CARDAN_TORCH_FOUND says whether it is there.
# Torch's own package file also drags in Caffe2, protobuf and their global flags; the libraries are all that is
# needed. CMAKE_PREFIX_PATH finds an unpacked LibTorch as well.
find_path(CARDAN_TORCH_INCLUDE ATen/ATen.h)
find_path(CARDAN_TORCH_API_INCLUDE torch/torch.h HINTS ${CARDAN_TORCH_INCLUDE}/torch/csrc/api/include)
find_library(CARDAN_TORCH_LIBRARY torch)
find_library(CARDAN_TORCH_CPU_LIBRARY torch_cpu)
find_library(CARDAN_C10_LIBRARY c10)
# Builds with CUDA have their kernels in a library of its own, of which nothing is called by name.
get_filename_component(cardan_torch_folder "${CARDAN_TORCH_LIBRARY}" DIRECTORY)
find_library(CARDAN_TORCH_CUDA_LIBRARY torch_cuda PATHS ${cardan_torch_folder} NO_DEFAULT_PATH)
mark_as_advanced(CARDAN_TORCH_INCLUDE CARDAN_TORCH_API_INCLUDE CARDAN_TORCH_LIBRARY CARDAN_TORCH_CPU_LIBRARY
  CARDAN_C10_LIBRARY CARDAN_TORCH_CUDA_LIBRARY)

set(CARDAN_TORCH_FOUND FALSE)
if(CARDAN_TORCH_INCLUDE AND CARDAN_TORCH_API_INCLUDE AND CARDAN_TORCH_LIBRARY AND CARDAN_TORCH_CPU_LIBRARY
    AND CARDAN_C10_LIBRARY)
  set(CARDAN_TORCH_FOUND TRUE)
  file(STRINGS ${CARDAN_TORCH_API_INCLUDE}/torch/version.h CARDAN_TORCH_VERSION
    REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  list(TRANSFORM CARDAN_TORCH_VERSION REPLACE "[^0-9]" "")
  list(JOIN CARDAN_TORCH_VERSION "." CARDAN_TORCH_VERSION)
  if(NOT TARGET cardan_torch_deps)
    add_library(cardan_torch_deps INTERFACE IMPORTED)
    target_include_directories(cardan_torch_deps SYSTEM INTERFACE
      ${CARDAN_TORCH_INCLUDE} ${CARDAN_TORCH_API_INCLUDE})
    target_link_libraries(cardan_torch_deps INTERFACE
      ${CARDAN_TORCH_LIBRARY} ${CARDAN_TORCH_CPU_LIBRARY} ${CARDAN_C10_LIBRARY})
    if(CARDAN_TORCH_CUDA_LIBRARY)
      target_link_libraries(cardan_torch_deps INTERFACE
        "-Wl,--push-state,--no-as-needed,${CARDAN_TORCH_CUDA_LIBRARY},--pop-state")
    endif()
  endif()
endif()
