// The ways that bytes take between the host and the devices.
#pragma once

#include <cstddef>
#include <vector>

#include "cudaemu.h"

namespace cudaemu {

// Where bytes are: a device's number, or this.
constexpr int kHost = CUDAEMU_HOST;

// One T for each way from a place to a place, which may be the same.
template <class T>
class way_table {
 public:
  explicit way_table(int devices) : devices_(devices), all_((devices + 1) * (devices + 1)) {}
  [[nodiscard]] bool has(int place) const { return place >= kHost && place < devices_; }
  [[nodiscard]] T& at(int from, int to) { return all_[index(from, to)]; }
  [[nodiscard]] const T& at(int from, int to) const { return all_[index(from, to)]; }
  // Calls visit(from, to, at(from, to)) for each, the host first.
  void for_each(const auto& visit) const {
    for (int from = kHost; from < devices_; ++from) {
      for (int to = kHost; to < devices_; ++to) visit(from, to, at(from, to));
    }
  }

 private:
  [[nodiscard]] std::size_t index(int from, int to) const {
    return static_cast<std::size_t>((from - kHost) * (devices_ + 1) + (to - kHost));
  }

  int devices_;
  std::vector<T> all_;
};

}  // namespace cudaemu
