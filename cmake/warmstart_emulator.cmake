# Adds the CUDA emulator. A function, so that what it sets ends with it.
#
# The thread sanitizer has to see what the emulator does to the memory that it shares with the library.
# The address sanitizer watches its copies as it is and knows nothing of device memory, so an
# instrumented interpreter would only be slower. The emulator's own tests run once, as released.
function(warmstart_add_emulator)
  if(WARMSTART_SANITIZE STREQUAL thread)
    set(CUDAEMU_SANITIZE thread)
  else()
    # As released: the compiler cache has it already.
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO ${CMAKE_CXX_FLAGS_RELEASE})
  endif()
  if(WARMSTART_TESTS AND CMAKE_BUILD_TYPE STREQUAL Release)
    set(CUDAEMU_BUILD_TESTS ON)
  endif()
  # Anonymous namespaces of its sources define the same names.
  set(CMAKE_UNITY_BUILD OFF)
  add_subdirectory(tests/cudaemu)
endfunction()
