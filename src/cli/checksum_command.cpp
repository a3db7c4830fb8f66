#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/whole_file.hpp"

namespace warmstart::cli {

int checksum_command(const std::string& path, bool json, std::FILE* out) {
  const checkpoint_checksums made = compute_checksums(path);
  whole_file file(made.path);
  file.write(std::as_bytes(std::span(made.text)));
  file.finish();
  if (json) {
    write_json(out, {{"status", "ok"}, {"written", made.path}});
  } else {
    write(out, "written: " + printable(made.path) + '\n');
  }
  return EXIT_DONE;
}

}  // namespace warmstart::cli
