#include "small_reads.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

#include "stopwatch.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Number of bytes that this process has read so far, from the page cache or the disk, except
/// through mappings.
double bytes_read() {
  std::ifstream from("/proc/self/io");
  std::string field;
  double value = 0;
  if (from >> field >> value && field == "rchar:") return value;
  throw error(error_code::io, "/proc/self/io: expected the field rchar");
}

}  // namespace

void small_reads::add(std::string name, double most_bytes, std::function<void(std::int64_t)> call) {
  const auto added =
      std::make_shared<kind>(kind{.name = std::move(name), .most_bytes = most_bytes});
  kinds_.push_back(added);
  timed_.push_back({.name = added->name, .round = [this, added, call = std::move(call)] {
                      const double before = bytes_read();
                      const double seconds = seconds_of([&] {
                        for (std::int64_t i = 0; i < calls_; ++i) call(i);
                      });
                      added->bytes_read.push_back((bytes_read() - before) /
                                                  static_cast<double>(calls_));
                      return seconds;
                    }});
}

void small_reads::measure(int rounds) {
  warmstart::detail::measure(timed_, rounds);
}

void small_reads::print_lines(const std::string& load) const {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    std::vector<double> microseconds;
    for (const double seconds : timed_[i].seconds) {
      microseconds.push_back(1e6 * seconds / static_cast<double>(calls_));
    }
    const kind& one = *kinds_[i];
    print_value(load, one.name + ": time of a call", "microseconds", microseconds, 0);
    print_value(load, one.name + ": read by a call", "bytes", one.bytes_read, one.most_bytes);
  }
}

}  // namespace warmstart::detail
