# Sets warmstart_version to what include/warmstart/version.hpp says, the one place that knows.
set(version_header ${CMAKE_CURRENT_LIST_DIR}/../include/warmstart/version.hpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${version_header})
file(STRINGS ${version_header} version_lines REGEX "^#define WARMSTART_VERSION_")
if(NOT version_lines MATCHES "_MAJOR ([0-9]+);.*_MINOR ([0-9]+);.*_PATCH ([0-9]+)$")
  message(FATAL_ERROR "warmstart: no version in ${version_header}")
endif()
set(warmstart_version ${CMAKE_MATCH_1}.${CMAKE_MATCH_2}.${CMAKE_MATCH_3})
