# Builds library and program in SOURCE_DIR without CUDA; the program lists the host as the only device
# and runs a job of the tests on it.
function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

step(${CMAKE_COMMAND} -G Ninja -S ${SOURCE_DIR} -B ${WORK_DIR} -DWARMSTART_CUDA=OFF
  -DWARMSTART_TESTS=OFF -DWARMSTART_WERROR=${WERROR} -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_CXX_COMPILER=${COMPILER})
step(${CMAKE_COMMAND} --build ${WORK_DIR})

execute_process(COMMAND ${WORK_DIR}/warmstart devices OUTPUT_VARIABLE devices COMMAND_ERROR_IS_FATAL ANY)
if(NOT devices MATCHES "cpu:0" OR devices MATCHES "cuda:")
  message(FATAL_ERROR "expected the host alone:\n${devices}")
endif()
step(${WORK_DIR}/warmstart run ${SOURCE_DIR}/tests/data/tensorflow/jobs/doc_all.job.json --verify)
execute_process(
  COMMAND ${WORK_DIR}/warmstart run ${SOURCE_DIR}/tests/data/tensorflow/jobs/doc_all.job.json --device cuda:0
  RESULT_VARIABLE status ERROR_VARIABLE refusal)
if(NOT status EQUAL 1 OR NOT refusal MATCHES "built without CUDA")
  message(FATAL_ERROR "expected a refusal of cuda:0:\n${refusal}")
endif()
