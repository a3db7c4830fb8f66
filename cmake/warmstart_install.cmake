# What is installed: the library with its headers and packages for CMake and pkg-config, the program with
# its manual, and the licence. Nothing of the tests.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Where an installed file, which lies in `folder`, looks for libraries, if the builder does not say
# (CMAKE_INSTALL_RPATH): where ours are, so that the CUDA runtime may lie there, too, and where this machine
# has that.
function(warmstart_set_install_rpath target folder)
  if(NOT DEFINED CMAKE_INSTALL_RPATH)
    file(RELATIVE_PATH to_libraries /${folder} /${CMAKE_INSTALL_LIBDIR})
    set(rpath $ORIGIN/${to_libraries})
    if(WARMSTART_CUDA)
      list(APPEND rpath ${CUDAToolkit_LIBRARY_DIR})
    endif()
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "${rpath}")
  endif()
endfunction()

# Installs a pair of libraries (warmstart_libraries.cmake) as the package `warmstart`. With a component,
# nothing is installed unless somebody asks for that component.
function(warmstart_install_library library testing component)
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/warmstart)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/package)
  set(options)
  if(component)
    set(options COMPONENT ${component} EXCLUDE_FROM_ALL)
  endif()
  get_target_property(kind ${library} TYPE)

  warmstart_set_install_rpath(${library} ${CMAKE_INSTALL_LIBDIR})
  install(TARGETS ${library} ${testing} EXPORT ${library}-targets
    ARCHIVE ${options} LIBRARY ${options})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/warmstart DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${options})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} ${options})

  install(EXPORT ${library}-targets FILE warmstart-targets.cmake NAMESPACE warmstart::
    DESTINATION ${package_dir} ${options})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/warmstart-config.cmake.in
    ${generated}/warmstart-config.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${generated}/warmstart-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${generated}/warmstart-config.cmake ${generated}/warmstart-config-version.cmake
    DESTINATION ${package_dir} ${options})

  set(pc_requires)
  set(pc_libraries)
  if(kind STREQUAL STATIC_LIBRARY)
    install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindISAL.cmake DESTINATION ${package_dir} ${options})
    set(pc_requires "fmt libisal zlib")
    set(pc_libraries " -lsnappy -pthread")
    if(WARMSTART_CUDA)
      set(pc_cudart -lcudart)
      if(WARMSTART_CUDA_RUNTIME STREQUAL "static")
        set(pc_cudart "-lcudart_static -ldl -lrt")
      endif()
      string(APPEND pc_libraries
        " -L${CUDAToolkit_LIBRARY_DIR} -Wl,-rpath,${CUDAToolkit_LIBRARY_DIR} ${pc_cudart}")
    endif()
  endif()
  file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/warmstart.pc.in ${generated}/warmstart.pc @ONLY)
  install(FILES ${generated}/warmstart.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${options})
endfunction()

function(warmstart_install_program)
  warmstart_set_install_rpath(warmstart_cli ${CMAKE_INSTALL_BINDIR})
  install(TARGETS warmstart_cli)
  # The manual and completions for shells, laid out as they are installed.
  if(EXISTS ${PROJECT_SOURCE_DIR}/share)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/man/warmstart.1)
    install(FILES ${PROJECT_SOURCE_DIR}/man/warmstart.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  endif()
endfunction()

function(warmstart_install)
  warmstart_install_library(warmstart warmstart_testing "")
  if(WARMSTART_CLI)
    warmstart_install_program()
  endif()
  if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall COMMENT "Removing what was installed last"
      COMMAND ${CMAKE_COMMAND} -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt
        -P ${PROJECT_SOURCE_DIR}/cmake/warmstart_uninstall.cmake)
  endif()
endfunction()
