# Whether there is a CUDA backend, the toolkit behind it, and what CUDA code is compiled with.
set(WARMSTART_CUDA AUTO CACHE STRING "The CUDA backend: ON, OFF, or AUTO (if there is a CUDA compiler)")
set_property(CACHE WARMSTART_CUDA PROPERTY STRINGS AUTO ON OFF)

# Sets `reason` to why CUDA code cannot be compiled; empty: it can.
function(warmstart_look_for_cuda reason)
  include(CheckLanguage)
  check_language(CUDA)
  set(${reason} "" PARENT_SCOPE)
  if(NOT CMAKE_CUDA_COMPILER)
    set(${reason} "CMake finds no nvcc; put it on PATH, set the environment variable CUDACXX, or pass \
-DCMAKE_CUDA_COMPILER=/usr/local/cuda/bin/nvcc" PARENT_SCOPE)
    unset(CMAKE_CUDA_COMPILER CACHE)  # the next run looks again
    return()
  endif()
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --version OUTPUT_VARIABLE text ERROR_QUIET)
  if(NOT text MATCHES "release ([0-9]+)\\.([0-9]+)" OR CMAKE_MATCH_1 LESS 13)
    set(${reason} "${CMAKE_CUDA_COMPILER} is not nvcc 13.0 or newer" PARENT_SCOPE)
  endif()
endfunction()

if(WARMSTART_CUDA)
  warmstart_look_for_cuda(why_no_cuda)
  if(why_no_cuda AND WARMSTART_CUDA STREQUAL "AUTO")
    message(NOTICE "warmstart: no CUDA backend: ${why_no_cuda}.\n"
      "warmstart: variables can live on the host only; -DWARMSTART_CUDA=OFF if that is meant.")
    set(WARMSTART_CUDA OFF)  # here; in the cache it stays AUTO
  elseif(why_no_cuda)
    message(FATAL_ERROR "warmstart: WARMSTART_CUDA is ${WARMSTART_CUDA}, but ${why_no_cuda}.")
  else()
    set(WARMSTART_CUDA ON)
  endif()
endif()
if(NOT WARMSTART_CUDA)
  return()
endif()

# A parent's CMAKE_CUDA_ARCHITECTURES may be CMake's default, which is nobody's choice, and so does not count.
set(WARMSTART_CUDA_ARCHITECTURES "" CACHE STRING "What the kernels are compiled for, as in \
CMAKE_CUDA_ARCHITECTURES; empty: that of a top level build, or 80-virtual;90")
if(WARMSTART_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES ${WARMSTART_CUDA_ARCHITECTURES})
elseif(PROJECT_IS_TOP_LEVEL AND DEFINED ENV{CUDAARCHS} AND NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES $ENV{CUDAARCHS})
elseif(NOT PROJECT_IS_TOP_LEVEL OR NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80-virtual 90)
endif()
if(NOT PROJECT_IS_TOP_LEVEL)
  message(STATUS "warmstart: CUDA kernels for ${CMAKE_CUDA_ARCHITECTURES} (WARMSTART_CUDA_ARCHITECTURES)")
endif()

set(WARMSTART_CUDA_RUNTIME shared CACHE STRING "The CUDA runtime: shared, or static, within what is linked. With a static \
one, programs start without CUDA and without a driver, and then have the host alone")
set_property(CACHE WARMSTART_CUDA_RUNTIME PROPERTY STRINGS shared static)
if(WARMSTART_CUDA_RUNTIME STREQUAL "shared")
  set(WARMSTART_CUDART CUDA::cudart)
elseif(WARMSTART_CUDA_RUNTIME STREQUAL "static")
  set(WARMSTART_CUDART CUDA::cudart_static)
else()
  message(FATAL_ERROR "warmstart: WARMSTART_CUDA_RUNTIME is ${WARMSTART_CUDA_RUNTIME}; expected shared or static.")
endif()

# The emulator of tests/cudaemu replaces the shared runtime, and runs the PTX that both of the default's
# architectures keep: the one for every device since 8.0, and the one beside the machine code for 9.0.
set(CMAKE_CUDA_RUNTIME_LIBRARY ${WARMSTART_CUDA_RUNTIME})
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
