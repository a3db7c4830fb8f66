#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "warmstart/error.hpp"

/// What is fuzzed: for each name a function `fuzz_NAME` in NAME.cpp. libFuzzer calls it with what
/// it makes up, and an ordinary test with what is in regressions/NAME.
#define WARMSTART_FUZZ_TARGETS(TARGET) \
  TARGET(bundle_index)                 \
  TARGET(bundle_records)               \
  TARGET(dcp_metadata)                 \
  TARGET(job_file)                     \
  TARGET(npy_file)                     \
  TARGET(npz_file)                     \
  TARGET(object_graph)                 \
  TARGET(pickle_program)               \
  TARGET(safetensors_file)             \
  TARGET(slice_key)                    \
  TARGET(slices_file)                  \
  TARGET(slices_records)               \
  TARGET(state_file)                   \
  TARGET(torch_file)                   \
  TARGET(zip_archive)

namespace warmstart::detail::test {

/// Takes any bytes. Refusing them is `error`, caught within; what is thrown is a defect.
#define WARMSTART_DECLARE_TARGET(name) void fuzz_##name(std::string_view input);
WARMSTART_FUZZ_TARGETS(WARMSTART_DECLARE_TARGET)
#undef WARMSTART_DECLARE_TARGET

inline void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

/// Whether `call` accepts its bytes. What it refuses has to be said in words that hold `named`.
template <class Call>
bool accepts(const std::string& named, Call call) {
  try {
    call();
    return true;
  } catch (const error& refused) {
    const std::string message = refused.what();
    require(message.find(named) != std::string::npos, "'" + message + "' does not name " + named);
    return false;
  }
}

}  // namespace warmstart::detail::test
