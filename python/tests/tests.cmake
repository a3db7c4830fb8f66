# pytest in the environment that the module is built for, a test of ctest for each file: on the host, and what
# needs GPUs on the emulator. PyTorch is Debian's, which comes with Debian's interpreter; what it is too old for
# is in files named test_torch_*.py, which scripts/test-torch runs with PyPI's.
set(debian_python /usr/bin/python3)
execute_process(COMMAND ${debian_python} -c "import sys, torch; print(*sys.version_info[:2], sep='.')"
  OUTPUT_VARIABLE debian_python_version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/requirements-debian-torch.txt)
if(debian_python_version STREQUAL "${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}")
  execute_process(
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/python-environment ${debian_python} python/requirements-debian-torch.txt --system-site-packages
    OUTPUT_VARIABLE debian_environment OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
else()
  message(WARNING "python.torch is not tested: it needs Debian's python3-torch, for Python ${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}; scripts/test-torch does not")
endif()
set(python_test_environment PYTHONPATH=${PROJECT_BINARY_DIR}/python WARMSTART_BUILD=${PROJECT_BINARY_DIR} PYTHONDONTWRITEBYTECODE=1)
file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.py)
foreach(file IN LISTS python_tests)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "test_" "" name ${name})
  set(runner)
  set(interpreter ${Python_EXECUTABLE})
  if(name MATCHES "^torch_" OR (name STREQUAL torch AND NOT debian_environment))
    continue()
  elseif(name STREQUAL torch)
    set(interpreter ${debian_environment}/bin/python)
  endif()
  if(name MATCHES cuda)
    if(NOT WARMSTART_CUDA)
      continue()
    endif()
    set(runner ${PROJECT_SOURCE_DIR}/scripts/emulated --build ${PROJECT_BINARY_DIR})
  endif()
  add_test(NAME python.${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMAND ${runner} ${interpreter} -m pytest -q -p no:cacheprovider ${file})
  set_tests_properties(python.${name} PROPERTIES LABELS python
    ENVIRONMENT "${python_test_environment};CUDAEMU_DEVICES=2")
endforeach()
