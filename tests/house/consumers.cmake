# Programs of users. A shared library is made of the objects that are there, so that both kinds are tested.
if(NOT WARMSTART_INSTALL)
  message(FATAL_ERROR "the tests install the library: WARMSTART_INSTALL is OFF")
endif()
if(BUILD_SHARED_LIBS)
  set(shared_library warmstart)
  set(shared_component)
else()
  warmstart_add_shared_library(warmstart_shared warmstart_shared_testing)
  warmstart_install_library(warmstart_shared warmstart_shared_testing shared)
  set(shared_library warmstart_shared)
  set(shared_component shared)
endif()
find_program(CLANGXX clang++ REQUIRED)
add_test(NAME house.public_api
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/check_public_api.py
    $<TARGET_FILE:${shared_library}> ${CLANGXX} ${PROJECT_SOURCE_DIR}/include)

function(add_user_test name script)
  add_test(NAME house.${name}
    COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DBUILD_DIR=${PROJECT_BINARY_DIR}
      -DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR}/consumer -DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/${name}
      -DCXX=${CMAKE_CXX_COMPILER} -DCLANGXX=${CLANGXX} -DCUDA_COMPILER=${CMAKE_CUDA_COMPILER}
      -DEMULATOR=${PROJECT_BINARY_DIR}/tests/cudaemu/lib
      -DUNINSTALL=${PROJECT_SOURCE_DIR}/cmake/warmstart_uninstall.cmake
      -DCHECKPOINT=${PROJECT_SOURCE_DIR}/tests/data/tensorflow/checkpoints/doc/model.ckpt
      ${ARGN} -P ${CMAKE_CURRENT_SOURCE_DIR}/${script}.cmake)
endfunction()
if(NOT BUILD_SHARED_LIBS)
  add_user_test(consume_static consume_installed -DKIND=static)
endif()
add_user_test(consume_shared consume_installed -DKIND=shared -DCOMPONENT=${shared_component})
add_user_test(consume_sources consume_sources)
add_user_test(configure_without_nvcc configure_without_nvcc)
