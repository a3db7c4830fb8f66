# For scripts that are tests.
function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Fails with the text unless the variable has a value.
function(expect variable text)
  if(NOT ${variable})
    message(FATAL_ERROR "${text}")
  endif()
endfunction()

# Configures the project in SOURCE_DIR.
function(configure build)
  step(${CMAKE_COMMAND} -G Ninja -S ${SOURCE_DIR} -B ${build} ${ARGN})
endfunction()
