# Whether there is a CUDA backend, the toolkit behind it, and what CUDA code is compiled with.
if(NOT DEFINED WARMSTART_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(cuda_found ON)
  else()
    set(cuda_found OFF)
    message(STATUS "warmstart: no CUDA compiler, so no CUDA backend")
  endif()
endif()
option(WARMSTART_CUDA "Build the CUDA backend (default: if there is a CUDA compiler)" ${cuda_found})
if(NOT WARMSTART_CUDA)
  return()
endif()

# The emulator of tests/cudaemu replaces the shared runtime, and runs the PTX that both keep: the one
# for every device since 8.0, and the one beside the machine code for 9.0.
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80-virtual 90 CACHE STRING "CUDA architectures")
endif()
if(WARMSTART_CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${WARMSTART_CCACHE})
endif()
enable_language(CUDA)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # CMake 3.25 does not know that nvcc has it
endif()
find_package(CUDAToolkit REQUIRED)
# Programs of this project find the runtime by RUNPATH, which LD_LIBRARY_PATH precedes: there the
# emulator can stand.
add_link_options(LINKER:--enable-new-dtags)

# The flags of .cu files. Contraction would make random initializers differ between devices.
set(WARMSTART_CUDA_OPTIONS --expt-relaxed-constexpr --fmad=false -Xcompiler=-ffp-contract=off
  -Xcompiler=-Wall -Xcompiler=-Wextra -Xcompiler=-Wno-missing-field-initializers)
if(WARMSTART_WERROR)
  list(APPEND WARMSTART_CUDA_OPTIONS -Werror=all-warnings -Xcompiler=-Werror)
endif()
if(WARMSTART_SANITIZE)
  string(REPLACE "," ";" sanitizers ${WARMSTART_SANITIZE})  # nvcc splits at commas
  list(TRANSFORM sanitizers PREPEND -Xcompiler=-fsanitize=)
  list(APPEND WARMSTART_CUDA_OPTIONS ${sanitizers} -Xcompiler=-fno-omit-frame-pointer
    -Xcompiler=-fno-sanitize-recover=all)
endif()
