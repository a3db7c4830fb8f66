# PROGRAM, built without CUDA, lists the host as the only device, runs JOB on it and refuses cuda:0.
execute_process(COMMAND ${PROGRAM} devices OUTPUT_VARIABLE devices COMMAND_ERROR_IS_FATAL ANY)
if(NOT devices MATCHES "cpu:0" OR devices MATCHES "cuda:")
  message(FATAL_ERROR "expected the host alone:\n${devices}")
endif()
execute_process(COMMAND ${PROGRAM} run ${JOB} --verify COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} run ${JOB} --device cuda:0
  RESULT_VARIABLE status ERROR_VARIABLE refusal)
if(NOT status EQUAL 1 OR NOT refusal MATCHES "built without CUDA")
  message(FATAL_ERROR "expected a refusal of cuda:0:\n${refusal}")
endif()
