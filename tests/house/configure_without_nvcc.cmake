# What a build says that wants CUDA and has no compiler for it, or too old a one.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${WORK_DIR})
file(WRITE ${WORK_DIR}/nvcc "#!/bin/sh\necho 'Cuda compilation tools, release 11.8, V11.8.89'\n")
file(CHMOD ${WORK_DIR}/nvcc PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

function(expect_message wanted compiler succeeds text)
  execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${ROOT} -B ${WORK_DIR}/build -DWARMSTART_CUDA=${wanted}
      -DCMAKE_CUDA_COMPILER=${compiler} -DWARMSTART_TESTS=OFF -DWARMSTART_EXAMPLES=OFF
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")  # CMake breaks lines
  if(succeeds AND NOT status EQUAL 0 OR NOT succeeds AND status EQUAL 0 OR NOT output MATCHES "${text}")
    message(FATAL_ERROR "WARMSTART_CUDA=${wanted}, ${compiler}: expected '${text}', got\n${output}")
  endif()
endfunction()

expect_message(AUTO NOTFOUND YES "no CUDA backend: CMake finds no nvcc; put it on PATH.*-DWARMSTART_CUDA=OFF")
expect_message(ON NOTFOUND NO "WARMSTART_CUDA is ON, but CMake finds no nvcc; put it on PATH")
expect_message(AUTO ${WORK_DIR}/nvcc YES "no CUDA backend: .*is not nvcc 13.0 or newer")
expect_message(ON ${WORK_DIR}/nvcc NO "is not nvcc 13.0 or newer")
