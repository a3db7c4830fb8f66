#include <fmt/format.h>

#include "base/human_bytes.hpp"
#include "cli/commands.hpp"
#include "cli/kind_of_file.hpp"
#include "cli/output.hpp"
#include "cli/watched.hpp"

namespace warmstart::detail::cli {
namespace {

std::string verdict(const checkpoint::verification& result) {
  if (!result.damage.empty()) return counted(result.damage.size(), "problem");
  if (result.bytes_unchecked == 0) return "every checksum agrees";
  return fmt::format("every checksum agrees, {} have none", human_bytes(result.bytes_unchecked));
}

// Metadata show that there are no checksums, so nothing is read.
int refuse_to_verify(const std::string& path, bool json, std::FILE* out) {
  report_error(error(error_code::unsupported,
                     path + ": cannot be checked: it has no checksums; `warmstart checksum` writes "
                            "some beside it"),
               json, out, stderr);
  return EXIT_UNVERIFIABLE;
}

}  // namespace

int verify_command(const std::string& path, const checkpoint_options& options, bool json,
                   std::FILE* out) {
  const checkpoint source = open_checkpoint(path, options.format);
  if (!source.has_checksums()) return refuse_to_verify(path, json, out);
  const checkpoint::verification result =
      watched(read_options{.reader_threads = options.reader_threads}, options.progress,
              [&](const read_options& how) { return source.verify(how); });
  const bool good = result.damage.empty();
  if (json) {
    nlohmann::ordered_json answer = {
        {"status", good ? "ok" : "error"}, {"path", source.path()},
        {"format", source.format()},       {"tensors", result.tensors},
        {"bytes", result.bytes},           {"bytes_unchecked", result.bytes_unchecked}};
    if (!good) answer["errors"] = to_json(result.damage);
    write_json(out, answer);
    return good ? EXIT_DONE : EXIT_WRONG;
  }
  for (const problem& one : result.damage) {
    write(out, fmt::format("{}: {}\n", to_string(one.code), printable(one.message)));
  }
  write(out, fmt::format("{}: {}, {} read, {}\n", printable(source.path()),
                         counted(static_cast<std::size_t>(result.tensors), "tensor"),
                         human_bytes(result.bytes), verdict(result)));
  return good ? EXIT_DONE : EXIT_WRONG;
}

}  // namespace warmstart::detail::cli
