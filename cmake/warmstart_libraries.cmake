# Libraries made of the objects that src/ and cuda/ compile. Each function adds a pair of targets: the
# library, and what tests of programs want on top of it.

# For the objects: a shared library offers what is marked (include/warmstart/export.hpp).
function(warmstart_hide_internals target)
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden CUDA_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# What programs need to compile with the public headers.
function(warmstart_set_usage target)
  target_compile_features(${target} INTERFACE cxx_std_20)
  # Not a feature: CMake knows only since 3.26 that nvcc has C++20.
  target_compile_options(${target} INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(WARMSTART_SANITIZE)
    target_link_options(${target} PUBLIC -fsanitize=${WARMSTART_SANITIZE})
  endif()
endfunction()

# The libraries behind ours. Only those who link it need them, not those who compile with its headers.
function(warmstart_link_dependencies target)
  target_link_libraries(${target} PRIVATE Threads::Threads fmt::fmt Snappy::snappy ISAL::isal ZLIB::ZLIB)
  if(WARMSTART_CUDA)
    target_link_libraries(${target} PRIVATE ${WARMSTART_CUDART})
  endif()
endfunction()

function(warmstart_add_static_library library testing)
  add_library(${library} STATIC $<TARGET_OBJECTS:warmstart_objects> $<TARGET_OBJECTS:warmstart_cuda>)
  warmstart_set_usage(${library})
  warmstart_link_dependencies(${library})
  add_library(${testing} STATIC $<TARGET_OBJECTS:warmstart_testing_objects>)
  target_link_libraries(${testing} PUBLIC ${library} PRIVATE fmt::fmt)
  set_target_properties(${library} ${testing} PROPERTIES LINKER_LANGUAGE CXX)
  set_target_properties(${testing} PROPERTIES EXPORT_NAME testing)
endfunction()

# One file for both, because what is for tests uses what the library hides.
function(warmstart_add_shared_library library testing)
  set(exports ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  add_library(${library} SHARED $<TARGET_OBJECTS:warmstart_objects> $<TARGET_OBJECTS:warmstart_cuda>
    $<TARGET_OBJECTS:warmstart_testing_objects>)
  warmstart_set_usage(${library})
  warmstart_link_dependencies(${library})
  target_link_options(${library} PRIVATE LINKER:--version-script=${exports})
  set_target_properties(${library} PROPERTIES LINKER_LANGUAGE CXX LINK_DEPENDS ${exports}
    OUTPUT_NAME warmstart EXPORT_NAME warmstart
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  add_library(${testing} INTERFACE)
  target_link_libraries(${testing} INTERFACE ${library})
  set_target_properties(${testing} PROPERTIES EXPORT_NAME testing)
endfunction()
