#include "link_settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "environment.hpp"

namespace cudaemu {
namespace {

// A-B, both ways, or AtoB.
std::vector<std::pair<int, int>> parse_pair(const char* name, std::string_view text, int devices) {
  const char* expected = "two of the devices that there are, as in 0-1 (both ways) or 0to1";
  const std::string_view between = text.find('-') != std::string_view::npos ? "-" : "to";
  const std::size_t at = text.find(between);
  if (at == std::string_view::npos) reject(name, text, expected);
  const std::uint64_t from = parse_integer(name, text.substr(0, at), expected);
  const std::uint64_t to = parse_integer(name, text.substr(at + between.size()), expected);
  const auto count = static_cast<std::uint64_t>(devices);
  if (from >= count || to >= count || from == to) reject(name, text, expected);
  const std::pair pair(static_cast<int>(from), static_cast<int>(to));
  if (between == "to") return {pair};
  return {pair, {pair.second, pair.first}};
}

// A number, or one for each device.
std::vector<double> parse_device_rates(const char* name, int devices) {
  const char* text = variable(name);
  if (text == nullptr) return std::vector<double>(devices);
  const std::vector<std::string_view> parts = split(text);
  std::vector<double> rates;
  for (const std::string_view part : parts) rates.push_back(parse_rate(name, part));
  if (rates.size() == 1) return std::vector<double>(devices, rates[0]);
  if (rates.size() != static_cast<std::size_t>(devices)) {
    reject(name, text, "one number, or one for each device");
  }
  return rates;
}

// A number, or PAIR:NUMBER[,PAIR:NUMBER...], where one of the pairs may be `default`.
void read_peer_rates(way_table<double>& into, int devices) {
  const char* name = "CUDAEMU_PEER_GBPS";
  const char* value = variable(name);
  if (value == nullptr) return;
  std::string list(value);
  if (list.find(':') == std::string::npos) list.insert(0, "default:");
  std::optional<double> otherwise;
  way_table<std::optional<double>> named(devices);
  for (const std::string_view part : split(list)) {
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) reject(name, value, "a number, or PAIR:NUMBER[,...]");
    const double rate = parse_rate(name, part.substr(colon + 1));
    const auto set_once = [&](std::optional<double>& target) {
      if (target) reject(name, value, "nothing named twice");
      target = rate;
    };
    if (part.substr(0, colon) == "default") {
      set_once(otherwise);
      continue;
    }
    for (const auto& [from, to] : parse_pair(name, part.substr(0, colon), devices)) {
      set_once(named.at(from, to));
    }
  }
  for (int from = 0; from < devices; ++from) {
    for (int to = 0; to < devices; ++to) {
      if (from != to) into.at(from, to) = named.at(from, to).value_or(otherwise.value_or(0));
    }
  }
}

}  // namespace

std::vector<std::uint64_t> read_peers(int devices) {
  const char* name = "CUDAEMU_PEERS";
  const char* value = variable(name);
  const std::string_view text = value != nullptr ? value : "all";
  if (text == "all") return std::vector<std::uint64_t>(devices, ~std::uint64_t{0});
  std::vector<std::uint64_t> peers(devices);
  if (text == "none") return peers;
  for (const std::string_view part : split(text)) {
    for (const auto& [device, peer] : parse_pair(name, part, devices)) {
      peers[device] |= std::uint64_t{1} << peer;
    }
  }
  return peers;
}

way_table<double> read_rates(int devices) {
  way_table<double> rates(devices);
  const std::vector<double> down = parse_device_rates("CUDAEMU_H2D_GBPS", devices);
  const std::vector<double> up = parse_device_rates("CUDAEMU_D2H_GBPS", devices);
  const std::vector<double> inside = parse_device_rates("CUDAEMU_D2D_GBPS", devices);
  for (int device = 0; device < devices; ++device) {
    rates.at(kHost, device) = down[device];
    rates.at(device, kHost) = up[device];
    rates.at(device, device) = inside[device];
  }
  if (const char* text = variable("CUDAEMU_HOST_GBPS")) {
    rates.at(kHost, kHost) = parse_rate("CUDAEMU_HOST_GBPS", text);
  }
  read_peer_rates(rates, devices);
  return rates;
}

}  // namespace cudaemu
