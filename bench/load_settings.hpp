#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/run.hpp"

namespace warmstart {

/// What load_bench is asked for.
struct settings {
  std::string prefix;
  std::int64_t bytes = 512LL << 20;
  std::size_t threads = 2;
  std::int64_t parts = 1;
  std::int64_t tensors = 1;
  device where;
  std::optional<load_options::scatter_source> scatter;  ///< only this one

  [[nodiscard]] std::int64_t rows() const { return bytes / tensors / 4096; }
  [[nodiscard]] std::int64_t column_parts() const { return parts > 1 ? parts : 8; }
  [[nodiscard]] std::int64_t all_bytes() const { return rows() * 4096 * tensors; }
};

/// Nothing if the arguments make no sense.
inline std::optional<settings> parse_settings(const std::vector<std::string>& arguments) {
  settings s;
  std::vector<std::string> plain;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    if (!one.starts_with("--")) {
      plain.push_back(one);
      continue;
    }
    if (++i == arguments.size()) return std::nullopt;
    const std::string& value = arguments[i];
    if (one == "--device") {
      s.where = device(value);
    } else if (one == "--scatter" && value == "mirrored") {
      s.scatter = load_options::scatter_source::mirrored;
    } else if (one == "--scatter" && value == "mapped") {
      s.scatter = load_options::scatter_source::mapped;
    } else {
      return std::nullopt;
    }
  }
  if (plain.empty() || (s.scatter && s.where.kind() == device_kind::cpu)) return std::nullopt;
  const auto number = [&](std::size_t i, std::int64_t otherwise) {
    return i < plain.size() ? std::max(1LL, std::strtoll(plain[i].c_str(), nullptr, 10))
                            : otherwise;
  };
  s.prefix = plain[0] + "/load_bench.ckpt";
  s.bytes = number(1, 512) << 20;
  s.threads = static_cast<std::size_t>(number(2, 2));
  s.parts = number(3, 1);
  s.tensors = number(4, 1);
  return s;
}

}  // namespace warmstart
