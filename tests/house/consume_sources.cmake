# Builds the project in consumer/ with warmstart as a part of it (FetchContent).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${WORK_DIR})
set(source -DWARMSTART_SOURCE=${ROOT})

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
