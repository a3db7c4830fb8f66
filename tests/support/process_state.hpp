#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace warmstart::detail::test {

// The state of this process as the system reports it.

inline std::size_t entries_of(const char* directory) {
  namespace fs = std::filesystem;
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

inline std::size_t thread_count() {
  // The thread sanitizer starts a thread of its own together with the first one.
  [[maybe_unused]] static const bool sanitizer_is_there = [] {
    std::thread([] {}).join();
    return true;
  }();
  return entries_of("/proc/self/task");
}

/// Includes the thread that counts.
inline std::size_t descriptor_count() {
  return entries_of("/proc/self/fd");
}

/// Memory that the process uses. Sanitizers keep freed memory, so it grows even without a leak.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool freed_memory_is_kept = true;
#else
constexpr bool freed_memory_is_kept = false;
#endif
inline std::int64_t resident_set_bytes() {
  std::int64_t all_pages = 0;
  std::int64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> all_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

/// Bytes that read(2) and similar calls have returned so far, from the page cache or not.
inline std::int64_t bytes_read_so_far() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (counters >> name >> value) {
    if (name == "rchar:") return value;
  }
  return -1;
}

}  // namespace warmstart::detail::test
