#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/backend.hpp"
#include "plan/transfer_plan.hpp"
#include "warmstart/trace.hpp"

namespace warmstart::detail {

/// Records the trace of a load.
class trace_recorder {
 public:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] static double seconds_between(clock::time_point from, clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  /// Events in the order of their starts. Not thread safe.
  class lane {
   public:
    lane(clock::time_point start, std::string group, std::string name)
        : start_(start), made_{.group = std::move(group), .name = std::move(name), .events = {}} {}

    void add(traced_work work, clock::time_point begin, clock::time_point end, std::int64_t chunk,
             std::int64_t bytes) {
      made_.events.push_back({.work = work,
                              .begin = seconds_between(start_, begin),
                              .end = seconds_between(start_, end),
                              .chunk = chunk,
                              .bytes = bytes});
    }

   private:
    friend class trace_recorder;

    clock::time_point start_;
    trace_lane made_;
  };

  /// The reference stays valid. Thread safe.
  lane& add_lane(std::string group, std::string name);
  /// Adds `reader 0`, `reader 1` and so on, in the order of the calls. Thread safe.
  lane& add_reader();
  void add_device(const device& device, std::span<const timed_command> commands);
  /// Records that the device no longer reads the chunk's slot. Not thread safe.
  void release(std::uint32_t chunk, const device& by);

  [[nodiscard]] load_trace take(const transfer_plan& plan);

 private:
  struct chunk_release {
    std::uint32_t chunk = 0;
    slot_release release;
  };

  /// Sets the slot of each chunk, and when each device released it.
  void tell_of_slots(std::vector<traced_chunk>& chunks) const;

  clock::time_point start_ = clock::now();
  std::mutex mutex_;
  std::deque<lane> lanes_;
  int readers_ = 0;
  std::vector<chunk_release> releases_;
};

/// Records an event that lasts for the lifetime of this object. Does nothing if the lane is null.
class traced {
 public:
  traced(trace_recorder::lane* in, traced_work work, std::int64_t chunk = -1,
         std::int64_t bytes = 0)
      : in_(in), what_(work), chunk_(chunk), bytes_(bytes) {
    if (in_ != nullptr) begin_ = trace_recorder::clock::now();
  }
  traced(const traced&) = delete;
  traced& operator=(const traced&) = delete;
  ~traced() {
    if (in_ != nullptr) in_->add(what_, begin_, trace_recorder::clock::now(), chunk_, bytes_);
  }

 private:
  trace_recorder::lane* in_;
  traced_work what_;
  std::int64_t chunk_;
  std::int64_t bytes_;
  trace_recorder::clock::time_point begin_;
};

}  // namespace warmstart::detail
