#include "base/human_bytes.hpp"
#include "base/text_table.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace warmstart::detail::cli {
namespace {

std::string peer_list(const device_info& one) {
  std::string text;
  for (const device& peer : one.peers) text += (text.empty() ? "" : ",") + to_string(peer);
  return text.empty() ? "-" : text;
}

nlohmann::ordered_json device_json(const device_info& one) {
  nlohmann::ordered_json json = {
      {"device", to_string(one.device)},          {"description", one.description},
      {"total_bytes", one.total_bytes},           {"free_bytes", one.free_bytes},
      {"peers", nlohmann::ordered_json::array()}, {"emulated", one.emulated}};
  for (const device& peer : one.peers) json["peers"].push_back(to_string(peer));
  return json;
}

}  // namespace

int devices_command(bool json, std::FILE* out) {
  const std::vector<device_info> all = devices();
  if (json) {
    nlohmann::ordered_json answer = {{"status", "ok"},
                                     {"devices", nlohmann::ordered_json::array()}};
    for (const device_info& one : all) answer["devices"].push_back(device_json(one));
    write_json(out, answer);
    return EXIT_DONE;
  }
  text_table table({"device", "memory", "free", "peers", "hardware", "description"}, {1, 2});
  for (const device_info& one : all) {
    table.add({to_string(one.device), human_bytes(static_cast<std::int64_t>(one.total_bytes)),
               human_bytes(static_cast<std::int64_t>(one.free_bytes)), peer_list(one),
               one.emulated ? "emulated" : "real", printable(one.description)});
  }
  write(out, table.str());
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli
