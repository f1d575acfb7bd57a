# cardan_add_test(SOURCE [RANKS n...] [TIMEOUT s] [LIBRARIES ...] [LABELS ...])
# One executable from one source. Without RANKS it runs alone; with RANKS it runs once under mpirun for each number.
# A run that outlasts its timeout fails, and a rank that fails ends its run (test/support/mpi_main.cpp).
function(cardan_add_test source)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  string(REGEX REPLACE "\\.cpp$" "" name ${source})
  string(REPLACE "/" "_" target "test_${name}")
  add_executable(${target} ${source})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/bin)
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} cardan_internal cardan_test_support cardan_build_flags)
  if(arg_RANKS)
    target_link_libraries(${target} PRIVATE cardan_mpi_main)
    foreach(ranks IN LISTS arg_RANKS)
      add_test(NAME ${name}:${ranks} COMMAND ${CARDAN_MPIRUN} -n ${ranks} $<TARGET_FILE:${target}>)
      cardan_test_properties(${name}:${ranks} ${ranks} ${arg_TIMEOUT} "${arg_LABELS}")
    endforeach()
  else()
    target_link_libraries(${target} PRIVATE cardan_unit_main)
    add_test(NAME ${name} COMMAND ${target})
    cardan_test_properties(${name} 1 ${arg_TIMEOUT} "${arg_LABELS}")
  endif()
endfunction()

# cardan_add_fortran_test(SOURCE RANKS n... [SOURCES more...] [TIMEOUT s] [LABELS ...])
# A program in Fortran, of its source, those of test/fortran/support and more, under mpirun. A check that fails ends its
# run (test/fortran/support/checks.f90).
function(cardan_add_fortran_test source)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;SOURCES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  cmake_path(GET source STEM stem)
  set(name fortran/${stem})
  set(target test_fortran_${stem})
  add_executable(${target} ${source} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/bin
    Fortran_MODULE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${stem} LINKER_LANGUAGE Fortran)
  target_link_libraries(${target} PRIVATE cardan_fortran_support cardan-fortran cardan MPI::MPI_Fortran cardan_build_flags)
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME ${name}:${ranks} COMMAND ${CARDAN_MPIRUN} -n ${ranks} $<TARGET_FILE:${target}>)
    cardan_test_properties(${name}:${ranks} ${ranks} ${arg_TIMEOUT} "${arg_LABELS}")
  endforeach()
endfunction()

# Any command as a test: cardan_add_run(NAME name RANKS n COMMAND ... [TIMEOUT s])
function(cardan_add_run)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT;RANKS" "COMMAND;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  cardan_test_properties(${arg_NAME} ${arg_RANKS} ${arg_TIMEOUT} "${arg_LABELS}")
endfunction()

function(cardan_test_properties test ranks timeout labels)
  # More ranks than two share the two cores that a small machine has: they count as all of them.
  set(processors ${ranks})
  if(processors GREATER 2)
    set(processors 2)
  endif()
  # 77: there was nothing to test with.
  set_tests_properties(${test} PROPERTIES PROCESSORS ${processors} TIMEOUT ${timeout} SKIP_RETURN_CODE 77
    LABELS "${labels}" ENVIRONMENT "${CARDAN_TEST_ENVIRONMENT}")
endfunction()

# Tests of one folder would write over each other's run.json.
set(CARDAN_TEST_ENVIRONMENT OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 CARDAN_PROVENANCE=0)
if(MPIEXEC_EXECUTABLE)
  # Root must say so to mpirun; more ranks than cores want --oversubscribe, and no binding.
  set(CARDAN_MPIRUN ${MPIEXEC_EXECUTABLE} --oversubscribe --bind-to none)
  list(APPEND CARDAN_TEST_ENVIRONMENT OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
  # The launcher of Debian 13 (Open MPI 5.0.7, PMIx 5.0.7) dies when it is given two programs (open-mpi/ompi#13303):
  # PMIx takes a parameter of its own file for one of Open MPI's, and trips over it. Without that file it does not.
  execute_process(COMMAND ${CMAKE_COMMAND} -E env ${CARDAN_TEST_ENVIRONMENT}
    ${CARDAN_MPIRUN} -n 1 ${CMAKE_COMMAND} -E true : -n 1 ${CMAKE_COMMAND} -E true
    RESULT_VARIABLE cardan_launch_failed TIMEOUT 30 OUTPUT_QUIET ERROR_QUIET)
  if(cardan_launch_failed)
    message(STATUS "${MPIEXEC_EXECUTABLE} cannot start two programs as it is; the tests leave out PMIx's parameter file")
    list(APPEND CARDAN_TEST_ENVIRONMENT PMIX_MCA_mca_base_param_files=)
  endif()
endif()
if(CARDAN_SANITIZE)
  # No search for leaks: Open MPI unloads its components before the end, and what they leave cannot be told
  # from what is ours.
  list(APPEND CARDAN_TEST_ENVIRONMENT ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1)
endif()
