# What is installed: library, module, stock program, headers, and the package file for find_package(cardan).
include(CMakePackageConfigHelpers)
set(cardan_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cardan)

set_target_properties(cardan PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(cardan-ml PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(TARGETS cardan EXPORT cardanTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS cardan-ml RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET cardan-torch)
  set_target_properties(cardan-torch PROPERTIES INSTALL_RPATH "$ORIGIN/..")
  # For programs with networks of their own: find_package(cardan COMPONENTS torch) gives cardan::torch.
  install(TARGETS cardan-torch EXPORT cardanTorchTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/cardan)
  install(EXPORT cardanTorchTargets NAMESPACE cardan:: DESTINATION ${cardan_cmake_dir})
  install(FILES cmake/CardanTorch.cmake DESTINATION ${cardan_cmake_dir})
endif()
if(TARGET cardan-baselines)
  set_target_properties(cardan-baselines PROPERTIES INSTALL_RPATH "$ORIGIN/..")
  install(TARGETS cardan-baselines LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/cardan)
endif()
install(DIRECTORY include/cardan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/include/cardan/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cardan)
install(EXPORT cardanTargets NAMESPACE cardan:: DESTINATION ${cardan_cmake_dir})

configure_package_config_file(cmake/cardanConfig.cmake.in ${PROJECT_BINARY_DIR}/cardanConfig.cmake
  INSTALL_DESTINATION ${cardan_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cardanConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cardanConfig.cmake ${PROJECT_BINARY_DIR}/cardanConfigVersion.cmake
  DESTINATION ${cardan_cmake_dir})
