# Debian packages, made by cpack (scripts/package): one for each component that is installed.
#   libcardan0       runtime: the libraries, and the modules but for LibTorch's
#   libcardan-torch  torch: the module that needs LibTorch, which is large; a package that is recommended, so that a machine
#                    of simulation ranks alone can do without
#   libcardan-dev    development: headers, and what CMake, pkg-config and gfortran need
#   cardan-tools     tools: cardan, cardan-ml, cardan-play, manual pages
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Cardan authors <maintainers@cardan.invalid>" CACHE STRING
  "Who made the Debian packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime development tools)
if(TARGET cardan-torch)
  list(APPEND CPACK_COMPONENTS_ALL torch)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(cardan_package_version ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# Each package's description has a first line of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")

# What they need is read from what they are linked with; their own libraries lie in the build tree.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)

# cardan_package(COMPONENT NAME SECTION DEPENDS RECOMMENDS SUGGESTS DESCRIPTION)
macro(cardan_package component name section depends recommends suggests description)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${recommends}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_SUGGESTS "${suggests}")
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}
Cardan couples a running MPI simulation with machine learning beside it, in
one MPI job: fields go to the ML ranks through one-sided windows, predictions
and decisions come back.")
  set(documents ${PROJECT_BINARY_DIR}/package/changelog.Debian cmake/package/copyright)
  install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${name}
    COMPONENT ${component} EXCLUDE_FROM_ALL)
  install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${name} RENAME changelog
    COMPONENT ${component} EXCLUDE_FROM_ALL)
endmacro()

set(same "(= ${cardan_package_version})")
cardan_package(runtime libcardan0 libs "" "libcardan-torch ${same}" ""
  "MPI coupling of simulations and machine learning")
cardan_package(torch libcardan-torch libs "libcardan0 ${same}" "libopenblas0" ""
  "MPI coupling of simulations and machine learning - LibTorch module")
cardan_package(development libcardan-dev libdevel "libcardan0 ${same}, libopenmpi-dev" ""
  "libcardan-torch ${same}, libtorch-dev, libtrilinos-kokkos-dev, cmake, pkg-config"
  "MPI coupling of simulations and machine learning - development files")
cardan_package(tools cardan-tools science "libcardan0 ${same}, openmpi-bin" "" ""
  "MPI coupling of simulations and machine learning - programs")
# dpkg's trigger calls ldconfig. Scripts that call it, which cpack would write, it leaves to others where they are named;
# what does not exist is left out of the package.
set(none ${PROJECT_SOURCE_DIR}/cmake/package/none/postinst ${PROJECT_SOURCE_DIR}/cmake/package/none/postrm)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/package/triggers ${none})
set(CPACK_DEBIAN_TORCH_PACKAGE_CONTROL_EXTRA ${none})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package/compress.cmake)

string(TIMESTAMP cardan_package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(cmake/package/changelog.in ${PROJECT_BINARY_DIR}/package/changelog.Debian @ONLY)
include(CPack)
