#include "cli/atomic_file.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/watched.hpp"

namespace warmstart::detail::cli {

int checksum_command(const std::string& path, const checkpoint_options& options, bool json,
                     std::FILE* out) {
  const checkpoint_checksums made = watched(
      read_options{.reader_threads = options.reader_threads}, options.progress,
      [&](const read_options& how) { return compute_checksums(path, options.format, how); });
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

}  // namespace warmstart::detail::cli
