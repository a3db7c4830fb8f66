# pytest in the environment that the module is built for, a test of ctest for each file: on the host, and what
# needs GPUs on the emulator.
set(python_test_environment PYTHONPATH=${PROJECT_BINARY_DIR}/python WARMSTART_BUILD=${PROJECT_BINARY_DIR} PYTHONDONTWRITEBYTECODE=1)
file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.py)
foreach(file IN LISTS python_tests)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "test_" "" name ${name})
  set(runner)
  if(name MATCHES cuda)
    if(NOT WARMSTART_CUDA)
      continue()
    endif()
    set(runner ${PROJECT_SOURCE_DIR}/scripts/emulated --build ${PROJECT_BINARY_DIR})
  endif()
  add_test(NAME python.${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMAND ${runner} ${Python_EXECUTABLE} -m pytest -q -p no:cacheprovider ${file})
  set_tests_properties(python.${name} PROPERTIES LABELS python
    ENVIRONMENT "${python_test_environment};CUDAEMU_DEVICES=2")
endforeach()
