include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/warmstart)
install(TARGETS warmstart warmstart_testing EXPORT warmstart-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/warmstart DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT warmstart-targets NAMESPACE warmstart:: DESTINATION ${package_dir})
if(WARMSTART_CLI)
  install(TARGETS warmstart_cli)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/warmstart-config.cmake.in
  ${PROJECT_BINARY_DIR}/warmstart-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/warmstart-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/warmstart-config.cmake
  ${PROJECT_BINARY_DIR}/warmstart-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindISAL.cmake
  DESTINATION ${package_dir})
