#include "warmstart/device.hpp"

#include <charconv>
#include <string>
#include <system_error>

#include "warmstart/error.hpp"

namespace warmstart {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw error(error_code::invalid_argument, why);
}

int parse_index(std::string_view digits, std::string_view name) {
  int index = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (failure != std::errc() || end != digits.data() + digits.size() || index < 0) {
    refuse("device '" + std::string(name) + "': expected cpu:0 or cuda:N");
  }
  return index;
}

}  // namespace

device::device(device_kind kind, int index) : kind_(kind), index_(index) {
  if (index < 0) refuse("device index " + std::to_string(index) + " is negative");
  if (kind == device_kind::cpu && index != 0) {
    refuse("device 'cpu:" + std::to_string(index) + "': the host is cpu:0");
  }
}

device::device(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  if (kind != "cpu" && kind != "cuda") {
    refuse("device '" + std::string(name) + "': expected cpu:0 or cuda:N");
  }
  const int index = colon == std::string_view::npos ? 0 : parse_index(name.substr(colon + 1), name);
  *this = device(kind == "cpu" ? device_kind::cpu : device_kind::cuda, index);
}

std::string to_string(const device& d) {
  return (d.kind() == device_kind::cpu ? "cpu:" : "cuda:") + std::to_string(d.index());
}

}  // namespace warmstart
