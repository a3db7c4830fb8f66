// Loads a variable, and meets the library's exception. Aggregates are initialized as users do it.

#include <iostream>
#include <string>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

namespace {

bool loads(const std::string& path) {
  ws::variable_store vars{"cpu:0"};
  const auto kernel = vars.get_variable("kernel", {20, 2}, {.initializer = ws::zeros()});
  ws::init_from_checkpoint(vars, path, {{"old_scope_1/var1", kernel, {.transpose = {0, 1}}}},
                           {.cast = true});
  const ws::load_report report = ws::run_initializers(vars, {.checksums = true});
  return report.rows.size() == 1 && ws::verify(vars).complete() && kernel.is_initialized();
}

bool catches() {
  try {
    (void)ws::checkpoint::open("/nowhere");
  } catch (const ws::error& e) {
    return e.code() == ws::error_code::not_found;
  }
  return false;
}

// A library that was found tells its version to CMake.
bool has_version() {
  const std::string headers = std::to_string(WARMSTART_VERSION_MAJOR) + "." +
                              std::to_string(WARMSTART_VERSION_MINOR) + "." +
                              std::to_string(WARMSTART_VERSION_PATCH);
  const std::string package = PACKAGE_VERSION;
  return ws::version() == headers && (package.empty() || package == headers);
}

}  // namespace

int main(int, char** argv) {
  const bool loaded = loads(argv[1]);
  const bool caught = catches();
  const bool versioned = has_version();
  std::cout << "loaded " << loaded << ", caught " << caught << ", versioned " << versioned << '\n';
  return loaded && caught && versioned ? 0 : 1;
}
