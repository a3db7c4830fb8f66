#include "support/paths.hpp"

namespace warmstart::detail::test {

std::string data_path(std::string_view inside) {
  std::string path = WARMSTART_SOURCE_DIRECTORY "/tests/data";
  if (!inside.empty()) path.append("/").append(inside);
  return path;
}
std::string program_path() {
  return WARMSTART_PROGRAM;
}
std::string emulated_path() {
  return WARMSTART_SOURCE_DIRECTORY "/scripts/emulated";
}
std::string build_path() {
  return WARMSTART_BUILD_DIRECTORY;
}

}  // namespace warmstart::detail::test
