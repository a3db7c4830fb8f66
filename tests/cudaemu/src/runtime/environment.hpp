// Reading the environment variables that steer the emulator. All of these end the process with a
// message and exit code 2 if a value cannot be understood: a test that runs under other conditions
// than it asked for proves nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cudaemu {

[[noreturn]] void reject(const char* name, std::string_view value, const char* expected);

// Null if it is not set, or empty.
const char* variable(const char* name);

std::uint64_t parse_integer(const char* name, std::string_view text, const char* expected);
// In bytes per second; written as gigabytes per second.
double parse_rate(const char* name, std::string_view text);
// What such a number may be: 0 (no limit), or from a kilobyte to a petabyte per second.
bool is_rate(double gigabytes_per_second);

// The parts between commas, of which there is at least one.
std::vector<std::string_view> split(std::string_view list);

void read_flag(const char* name, bool& target);
void read_integer(const char* name, int& target, int low, int high, const char* expected);
// Accepts 123, 64K, 512M, 8G.
void read_bytes(const char* name, std::size_t& target);
// "word" or "word:NUMBER"; true if text begins with the word.
bool word_and_seed(const char* name, std::string_view text, std::string_view word,
                   std::uint64_t& seed);

}  // namespace cudaemu
