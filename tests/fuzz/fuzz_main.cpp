// libFuzzer's entry point, built once a target.

#include <cstddef>
#include <cstdint>

#include "fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  warmstart::detail::test::WARMSTART_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
