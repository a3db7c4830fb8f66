# Builds the project in consumer/ with warmstart as a part of it (FetchContent), without and with CUDA.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${WORK_DIR})
set(source -DWARMSTART_SOURCE=${ROOT} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)

# All of it, and what the project installs is its own.
set(host ${WORK_DIR}/host)
configure(${host} ${source} -DWARMSTART_CUDA=OFF -DCMAKE_BUILD_TYPE=Debug -DCMAKE_UNITY_BUILD=ON
  -DCMAKE_UNITY_BUILD_BATCH_SIZE=12)
step(${CMAKE_COMMAND} --build ${host} --target consumer)
step(${host}/consumer ${CHECKPOINT})
step(${CMAKE_COMMAND} --install ${host} --prefix ${WORK_DIR}/installed)
file(GLOB_RECURSE files RELATIVE ${WORK_DIR}/installed ${WORK_DIR}/installed/*)
if(NOT files STREQUAL "bin/consumer")
  message(FATAL_ERROR "the project installed ${files}")
endif()
if(NOT CUDA_COMPILER)
  return()
endif()

# Fails unless a CUDA source is compiled as C++20 for an architecture.
function(expect_flags build file architecture)
  file(STRINGS ${build}/compile_commands.json command REGEX "\"command\": .*/${file} ")
  foreach(flag IN ITEMS "arch=${architecture}," "-std=c[+][+]20 ")
    if(NOT command MATCHES "${flag}")
      message(FATAL_ERROR "expected ${flag} for ${file}: ${command}")
    endif()
  endforeach()
endfunction()

# The project has CUDA code for what CMake takes by default; ours is for what we take by default.
set(cuda ${WORK_DIR}/cuda)
configure(${cuda} ${source} -DWITH_CUDA=ON -DCMAKE_CUDA_COMPILER=${CUDA_COMPILER})
file(STRINGS ${cuda}/CMakeCache.txt architectures REGEX "^CMAKE_CUDA_ARCHITECTURES:")
string(REGEX REPLACE ".*=" "" default "${architectures}")
expect_flags(${cuda} scatter.cu compute_80)
expect_flags(${cuda} device_code.cu compute_${default})
step(${CMAKE_COMMAND} --build ${cuda} --target CMakeFiles/device_code.dir/device_code.cu.o)

# A choice of the project's own; and it has no CUDA code, and keeps a clean cache.
set(chosen ${WORK_DIR}/chosen)
configure(${chosen} ${source} -DWARMSTART_CUDA=ON -DWARMSTART_CUDA_ARCHITECTURES=90
  -DCMAKE_CUDA_COMPILER=${CUDA_COMPILER})
expect_flags(${chosen} scatter.cu compute_90)
file(STRINGS ${chosen}/CMakeCache.txt left REGEX "^(CMAKE_CUDA_ARCHITECTURES|CMAKE_INSTALL_(BIN|LIB)DIR):")
if(left)
  message(FATAL_ERROR "left in the cache of the project: ${left}")
endif()
