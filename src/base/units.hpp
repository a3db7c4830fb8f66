#pragma once

#include <cstdint>

namespace warmstart::detail {

inline constexpr std::int64_t kibibyte = 1024;
inline constexpr std::int64_t mebibyte = 1024 * kibibyte;
inline constexpr std::int64_t gibibyte = 1024 * mebibyte;

}  // namespace warmstart::detail
