#include "cli/atomic_file.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace warmstart::cli {

int checksum_command(const std::string& path, const std::string& format, bool json,
                     std::FILE* out) {
  const checkpoint_checksums made = compute_checksums(path, format);
  atomic_file file(made.path);
  file.write(std::as_bytes(std::span(made.text)));
  file.commit();
  if (json) {
    write_json(out, {{"status", "ok"}, {"written", made.path}});
  } else {
    write(out, "written: " + printable(made.path) + '\n');
  }
  return EXIT_DONE;
}

}  // namespace warmstart::cli
