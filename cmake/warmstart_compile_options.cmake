# What every target of this project is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(WARMSTART_CCACHE ccache)
if(WARMSTART_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WARMSTART_CCACHE})
endif()

function(warmstart_compile_options target)
  # Contraction would make random initializers differ between compilers and devices.
  set(options -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -ffp-contract=off)
  # Left-out members of internal structs have defaults; g++ 12 warns all the same.
  list(APPEND options -Wno-missing-field-initializers)
  # g++ 12 sees overlapping copies in "text" + std::string (its bug 105651).
  list(APPEND options $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  warmstart_user_options(${target})
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${options}>")
endfunction()

# What is built as programs of users are: the examples. The public headers cause none of these warnings.
function(warmstart_user_options target)
  set(options -Wall -Wextra -Wpedantic)
  if(WARMSTART_WERROR)
    list(APPEND options -Werror)
  endif()
  if(WARMSTART_SANITIZE)
    list(APPEND options -fsanitize=${WARMSTART_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
  endif()
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${options}>"
    "$<$<COMPILE_LANGUAGE:CUDA>:${WARMSTART_CUDA_OPTIONS}>")
  if(WARMSTART_SANITIZE)
    target_link_options(${target} PUBLIC -fsanitize=${WARMSTART_SANITIZE})
  endif()
endfunction()

# Test code runs briefly and is compiled often, so it is optimized little. Of the sanitizers, that of
# undefined behaviour is left to the library: it doubles the time that test code takes to compile.
function(warmstart_test_options target)
  warmstart_compile_options(${target})
  if(WARMSTART_SANITIZE MATCHES address)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O0 -fno-sanitize=undefined>)
  else()
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
  endif()
  # Locals of one file have the names of another's functions. Other builds warn within each file.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-shadow>)
  endif()
endfunction()
