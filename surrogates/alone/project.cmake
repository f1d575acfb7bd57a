# The Torch module as a project of its own, without MPI and HDF5, for machines that have a GPU and little else. LibTorch,
# and the headers of fmt, toml++ and doctest, are all that it needs; CMAKE_PREFIX_PATH finds them in folders of their own.
#   cmake -S surrogates -B build/torch-alone && cmake --build build/torch-alone && ctest --test-dir build/torch-alone
get_filename_component(cardan_root ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
# What is built and tested here names folders as the whole project does.
set(PROJECT_SOURCE_DIR ${cardan_root})
list(PREPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
option(CARDAN_WERROR "Make warnings errors" OFF)
set(CARDAN_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize=")
include(CardanBuild)

include(CardanTorch)
if(NOT CARDAN_TORCH_FOUND)
  message(FATAL_ERROR "LibTorch was not found (libtorch-dev, or -DCMAKE_PREFIX_PATH=/path/to/libtorch)")
endif()
message(STATUS "LibTorch ${CARDAN_TORCH_VERSION}: ${CARDAN_TORCH_LIBRARY}")
find_path(CARDAN_FMT_INCLUDE fmt/format.h REQUIRED)
find_path(CARDAN_TOML_INCLUDE toml++/toml.h REQUIRED)
find_path(CARDAN_DOCTEST_INCLUDE doctest/doctest.h REQUIRED)

# What the module needs of libcardan, under its name.
set(sources config/beside.cpp config/config.toml.cpp config/seconds.cpp config/suggest.cpp config/value.toml.cpp
  dtype.cpp error.cpp kinds.cpp model.cpp state.cpp)
list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/lib/)
add_library(cardan SHARED ${sources})
add_library(cardan_internal ALIAS cardan)
set_target_properties(cardan PROPERTIES CXX_VISIBILITY_PRESET default)
target_include_directories(cardan PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib)
target_include_directories(cardan SYSTEM PRIVATE ${CARDAN_FMT_INCLUDE} ${CARDAN_TOML_INCLUDE})
target_compile_definitions(cardan PRIVATE FMT_HEADER_ONLY)
target_link_libraries(cardan PRIVATE cardan_build_flags)
