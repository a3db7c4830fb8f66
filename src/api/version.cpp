#include "warmstart/version.hpp"

namespace warmstart {

std::string_view version() noexcept {
  return WARMSTART_VERSION;
}

}  // namespace warmstart
