#include "cli/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "cli/commands.hpp"

namespace warmstart::detail::cli {

void write(std::FILE* out, std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), out) != text.size() || std::fflush(out) != 0) {
    throw error(error_code::io, std::string("standard output: ") + std::strerror(errno));
  }
}

void write_json(std::FILE* out, const nlohmann::ordered_json& json) {
  write(out, json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n');
}

std::string hex(std::uint32_t value) {
  return fmt::format("{:#010x}", value);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string ambiguity_text(const resolved_assignments& call) {
  std::string text;
  for (const ambiguous_name& one : call.ambiguous) text += to_string(one) + '\n';
  return text;
}

nlohmann::ordered_json to_json(const std::vector<problem>& problems) {
  auto list = nlohmann::ordered_json::array();
  for (const problem& one : problems) {
    nlohmann::ordered_json made = {{"code", to_string(one.code)},
                                   {"message", one.message},
                                   {"variable", one.variable},
                                   {"tensor", one.tensor}};
    if (!one.file.empty()) made["file"] = one.file;
    if (one.offset_bytes >= 0) made["offset_bytes"] = one.offset_bytes;
    if (!one.expected.empty()) made["expected"] = one.expected;
    if (!one.found.empty()) made["found"] = one.found;
    list.push_back(std::move(made));
  }
  return list;
}

void report_error(const error& what, bool json, std::FILE* out, std::FILE* err) {
  if (json) {
    write_json(out,
               nlohmann::ordered_json{{"status", "error"}, {"errors", to_json(what.problems())}});
    return;
  }
  for (const problem& one : what.problems()) {
    fmt::print(err, "warmstart: {}: {}\n", to_string(one.code), printable(one.message));
  }
}

}  // namespace warmstart::detail::cli
