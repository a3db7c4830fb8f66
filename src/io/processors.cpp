#include "io/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

namespace warmstart::detail {
namespace {

/// A mount of a control group hierarchy.
struct group_mount {
  bool version_2 = false;
  std::string group;  ///< the group that is visible at the mount point
  std::string place;
};

std::vector<std::string> split_text(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream from(text);
  for (std::string part; std::getline(from, part, separator);) parts.push_back(part);
  return parts;
}

bool lists(const std::string& names, std::string_view wanted) {
  const auto all = split_text(names, ',');
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

// mountinfo encodes spaces, tabs, line ends and backslashes as \ooo.
std::string unescaped_path(const std::string& text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      path += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                (text[i + 3] - '0'));
      i += 3;
    } else {
      path += text[i];
    }
  }
  return path;
}

// Lines such as "35 25 0:30 /group /place rw shared:9 - cgroup cgroup rw,cpu,cpuacct": any number
// of optional fields precedes the dash.
std::vector<group_mount> find_group_mounts(const std::string& root) {
  std::vector<group_mount> found;
  std::ifstream lines(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(lines, line);) {
    const auto fields = split_text(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const bool version_2 = dash[1] == "cgroup2";
    if (!version_2 && (dash[1] != "cgroup" || !lists(dash[3], "cpu"))) continue;
    found.push_back({version_2, unescaped_path(fields[3]), unescaped_path(fields[4])});
  }
  return found;
}

std::optional<std::size_t> rounded_up(std::int64_t quota, std::int64_t period) {
  if (quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<std::size_t>((quota - 1) / period + 1);
}

// Quota and period in microseconds: "max 100000" or "150000 100000" in one file (version 2), or in
// two files with -1 for no limit.
std::optional<std::size_t> quota_of(const std::string& directory, bool version_2) {
  std::int64_t quota = 0;
  std::int64_t period = 0;
  if (version_2) {
    std::ifstream both(directory + "/cpu.max");
    if (!(both >> quota >> period)) return std::nullopt;
  } else {
    std::ifstream first(directory + "/cpu.cfs_quota_us");
    std::ifstream second(directory + "/cpu.cfs_period_us");
    if (!(first >> quota) || !(second >> period)) return std::nullopt;
  }
  return rounded_up(quota, period);
}

void keep_least(std::optional<std::size_t>& least, const std::optional<std::size_t>& other) {
  if (other && (!least || *other < *least)) least = other;
}

// The smallest quota of a group and its ancestors that are visible at the mount.
std::optional<std::size_t> least_quota(const std::string& root, const group_mount& mount,
                                       const std::string& group) {
  std::string below = group;
  if (mount.group != "/") {
    const bool within = group == mount.group || group.starts_with(mount.group + "/");
    below = within ? group.substr(mount.group.size()) : "";
  }
  // A group outside of the process's namespace appears as "/../group".
  if (below.starts_with("/..")) below.clear();
  std::optional<std::size_t> least;
  while (true) {
    keep_least(least, quota_of(root + mount.place + below, mount.version_2));
    const std::size_t last = below.rfind('/');
    if (last == std::string::npos) return least;
    below.resize(last);
  }
}

// If memory is exhausted, assume that there is no quota.
std::optional<std::size_t> own_quota() noexcept try {
  return processor_quota("");
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> processor_quota(const std::string& root) {
  const std::vector<group_mount> mounts = find_group_mounts(root);
  std::optional<std::size_t> least;
  // Lines such as "4:cpu,cpuacct:/group" and, for version 2, "0::/group".
  std::ifstream lines(root + "/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version_2 = controllers.empty();
    if (!version_2 && !lists(controllers, "cpu")) continue;
    for (const group_mount& mount : mounts) {
      if (mount.version_2 != version_2) continue;
      keep_least(least, least_quota(root, mount, line.substr(second + 1)));
    }
  }
  return least;
}

std::size_t usable_processors() noexcept {
  // Cached, because quotas rarely change and every load needs the number.
  static const std::optional<std::size_t> quota = own_quota();
  std::size_t count = std::thread::hardware_concurrency();
  // Fails on machines with more than 1024 processors.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    count = static_cast<std::size_t>(CPU_COUNT(&allowed));
  }
  return std::max<std::size_t>(1, std::min(count, quota.value_or(count)));
}

}  // namespace warmstart::detail
