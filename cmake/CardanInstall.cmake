# What is installed, and in which package (components: runtime, torch, development, tools; see CardanPackage.cmake).
# Everything finds everything else by relative paths: an installed Cardan can be moved as a whole.
include(CMakePackageConfigHelpers)
set(cardan_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cardan)
# Debian has a folder for each format of gfortran's module files. No compiler looks there by itself (gfortran looks in
# folders of its own version only): cardan::fortran and cardan-fortran.pc name it.
set(cardan_modules ${CMAKE_INSTALL_INCLUDEDIR}/cardan/fortran)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  file(GLOB cardan_debian_modules RELATIVE /usr /usr/${CMAKE_INSTALL_LIBDIR}/fortran/gfortran-mod-[0-9]*)
  if(cardan_debian_modules)
    list(GET cardan_debian_modules -1 cardan_modules)
  endif()
endif()
set(CARDAN_INSTALL_FORTRAN_MODULES ${cardan_modules} CACHE STRING "Folder for Fortran module files, below the prefix")

# A library to link: the target cardan::NAME of a file EXPORTS.cmake, which find_package reads, from the build tree too.
# cardan_install_library(TARGET EXPORTS FOLDER COMPONENT [COMPONENT of the file])
function(cardan_install_library target exports folder component)
  set(of_file development ${ARGN})
  list(GET of_file -1 of_file)
  install(TARGETS ${target} EXPORT ${exports}
    LIBRARY DESTINATION ${folder} COMPONENT ${component} NAMELINK_COMPONENT development)
  install(EXPORT ${exports} NAMESPACE cardan:: DESTINATION ${cardan_cmake_dir} COMPONENT ${of_file})
  export(EXPORT ${exports} NAMESPACE cardan:: FILE ${PROJECT_BINARY_DIR}/${exports}.cmake)
endfunction()

# None is left of a part that was built once and is not any more.
file(REMOVE ${PROJECT_BINARY_DIR}/cardanTorchTargets.cmake ${PROJECT_BINARY_DIR}/cardanFortranTargets.cmake)
cardan_install_library(cardan cardanTargets ${CMAKE_INSTALL_LIBDIR} runtime)
set_target_properties(cardan PROPERTIES INSTALL_RPATH "$ORIGIN")
if(TARGET cardan-torch)
  # Its file goes with the module, so that the one is there when the other is.
  cardan_install_library(cardan-torch cardanTorchTargets ${CMAKE_INSTALL_LIBDIR}/cardan torch torch)
  set_target_properties(cardan-torch PROPERTIES INSTALL_RPATH "$ORIGIN/..")
endif()
if(TARGET cardan-baselines)
  install(TARGETS cardan-baselines LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/cardan COMPONENT runtime)
  set_target_properties(cardan-baselines PROPERTIES INSTALL_RPATH "$ORIGIN/..")
endif()
if(TARGET cardan-fortran)
  cardan_install_library(cardan-fortran cardanFortranTargets ${CMAKE_INSTALL_LIBDIR} runtime)
  set_target_properties(cardan-fortran PROPERTIES INSTALL_RPATH "$ORIGIN" EXPORT_NAME fortran)
  target_include_directories(cardan-fortran INTERFACE
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/fortran> $<INSTALL_INTERFACE:${CARDAN_INSTALL_FORTRAN_MODULES}>)
  install(FILES ${PROJECT_BINARY_DIR}/fortran/cardan.mod
    DESTINATION ${CARDAN_INSTALL_FORTRAN_MODULES} COMPONENT development)
endif()

set_target_properties(cardan-program cardan-ml cardan-play PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(TARGETS cardan-program cardan-ml cardan-play RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
install(FILES man/cardan.1 man/cardan-ml.1 man/cardan-play.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
install(FILES completions/cardan DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions COMPONENT tools)

install(DIRECTORY include/cardan ${PROJECT_BINARY_DIR}/include/cardan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")

# find_package(cardan): installed, or with the build tree in CMAKE_PREFIX_PATH.
set(helpers cmake/CardanKokkos.cmake cmake/CardanTorch.cmake)
configure_package_config_file(cmake/cardanConfig.cmake.in ${PROJECT_BINARY_DIR}/cardanConfig.cmake
  INSTALL_DESTINATION ${cardan_cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cardanConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cardanConfig.cmake ${PROJECT_BINARY_DIR}/cardanConfigVersion.cmake ${helpers}
  DESTINATION ${cardan_cmake_dir} COMPONENT development)
foreach(helper IN LISTS helpers)
  configure_file(${helper} ${PROJECT_BINARY_DIR} COPYONLY)
endforeach()

# pkg-config. In /usr it knows the folders that compilers search anyway, and leaves them out.
set(cardan_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(cardan_pc_prefix /usr)
else()
  file(RELATIVE_PATH cardan_pc_prefix /prefix/${cardan_pc_dir} /prefix)
  string(REGEX REPLACE "/$" "" cardan_pc_prefix "\${pcfiledir}/${cardan_pc_prefix}")
endif()
# MPI is named where it has such files itself, and spelled out where it has none.
find_package(PkgConfig QUIET)
foreach(language c fort)
  unset(cardan_pc_mpi_${language})
  foreach(module ompi-${language} mpich)
    if(PkgConfig_FOUND AND NOT cardan_pc_mpi_${language})
      pkg_check_modules(cardan_pc_${module} QUIET ${module})
      if(cardan_pc_${module}_FOUND)
        set(cardan_pc_mpi_${language} ${module})
      endif()
    endif()
  endforeach()
endforeach()
set(cardan_pc_mpi_fortran ${cardan_pc_mpi_fort})
if(NOT cardan_pc_mpi_c)
  list(TRANSFORM MPI_C_INCLUDE_DIRS PREPEND " -I" OUTPUT_VARIABLE cardan_pc_cflags)
  string(JOIN "" cardan_pc_cflags ${cardan_pc_cflags})
  list(TRANSFORM MPI_C_LIBRARIES PREPEND " " OUTPUT_VARIABLE cardan_pc_libs)
  string(JOIN "" cardan_pc_libs ${cardan_pc_libs})
endif()
configure_file(cmake/cardan.pc.in ${PROJECT_BINARY_DIR}/cardan.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cardan.pc DESTINATION ${cardan_pc_dir} COMPONENT development)
if(TARGET cardan-fortran)
  # Debian's MPI does not say where its Fortran modules are.
  list(TRANSFORM MPI_Fortran_INCLUDE_DIRS PREPEND " -I" OUTPUT_VARIABLE cardan_pc_fortran_cflags)
  string(JOIN "" cardan_pc_fortran_cflags ${cardan_pc_fortran_cflags})
  configure_file(cmake/cardan-fortran.pc.in ${PROJECT_BINARY_DIR}/cardan-fortran.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/cardan-fortran.pc DESTINATION ${cardan_pc_dir} COMPONENT development)
endif()
