# Every third party, each found in one place.
find_package(Threads REQUIRED)
find_package(MPI 3.1 REQUIRED COMPONENTS C)

if(CARDAN_FORTRAN)
  find_package(MPI 3.1 REQUIRED COMPONENTS Fortran)
  if(NOT MPI_Fortran_HAVE_F08_MODULE)
    message(FATAL_ERROR "Cardan's Fortran needs MPI's module mpi_f08, as ${CMAKE_Fortran_COMPILER} reads it. "
      "Without Fortran: -DCARDAN_FORTRAN=OFF")
  endif()
  # ISO_Fortran_binding.h, which is Fortran's compiler's. Last in line: the C and C++ compilers' own headers come first.
  execute_process(COMMAND ${CMAKE_Fortran_COMPILER} -print-file-name=include
    OUTPUT_VARIABLE cardan_fortran_include OUTPUT_STRIP_TRAILING_WHITESPACE)
  add_library(cardan_descriptors INTERFACE)
  target_compile_options(cardan_descriptors INTERFACE
    $<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-idirafter ${cardan_fortran_include}>)
endif()

set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
  message(FATAL_ERROR "Cardan needs a parallel HDF5 (libhdf5-openmpi-dev); found ${HDF5_LIBRARIES}")
endif()
add_library(cardan_hdf5 INTERFACE)
target_include_directories(cardan_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_compile_definitions(cardan_hdf5 INTERFACE ${HDF5_DEFINITIONS})
target_link_libraries(cardan_hdf5 INTERFACE ${HDF5_LIBRARIES})

find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PNG REQUIRED)
find_path(CARDAN_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
add_library(cardan_cli11 INTERFACE)
target_include_directories(cardan_cli11 SYSTEM INTERFACE ${CARDAN_CLI11_INCLUDE})

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
add_library(cardan_eigen INTERFACE)
get_target_property(cardan_eigen_include Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(cardan_eigen SYSTEM INTERFACE ${cardan_eigen_include})

# What reduced fields are packed with.
find_path(CARDAN_ZSTD_INCLUDE zstd.h REQUIRED)
find_library(CARDAN_ZSTD_LIBRARY zstd REQUIRED)
mark_as_advanced(CARDAN_ZSTD_INCLUDE CARDAN_ZSTD_LIBRARY)
add_library(cardan_zstd INTERFACE)
target_include_directories(cardan_zstd SYSTEM INTERFACE ${CARDAN_ZSTD_INCLUDE})
target_link_libraries(cardan_zstd INTERFACE ${CARDAN_ZSTD_LIBRARY})

if(CARDAN_TORCH)
  include(CardanTorch)
  if(NOT CARDAN_TORCH_FOUND)
    message(FATAL_ERROR "Cardan's Torch module needs LibTorch (libtorch-dev, or an unpacked one: "
      "-DCMAKE_PREFIX_PATH=/path/to/libtorch). Without it: -DCARDAN_TORCH=OFF")
  endif()
endif()

if(CARDAN_KOKKOS)
  include(CardanKokkos)
  if(NOT CARDAN_KOKKOS_FOUND)
    message(FATAL_ERROR "cardan/kokkos.hpp is checked with Kokkos, which was not found "
      "(libtrilinos-kokkos-dev, or -DCMAKE_PREFIX_PATH=/path/to/kokkos). Without it: -DCARDAN_KOKKOS=OFF")
  endif()
endif()

if(CARDAN_MINIAPPS)
  # SUNDIALS 7 (Debian 13) names MPI::MPI_CXX in its targets and does not look for it.
  find_package(MPI 3.1 REQUIRED COMPONENTS CXX)
  find_package(SUNDIALS REQUIRED COMPONENTS cvode nvecserial sunmatrixdense sunlinsoldense)
endif()
