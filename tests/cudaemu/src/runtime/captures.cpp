#include "captures.hpp"

#include <algorithm>
#include <set>

#include "api_error.hpp"
#include "config.hpp"
#include "runtime.hpp"
#include "streams.hpp"

namespace cudaemu {
namespace {

void invalidate(capture& which, const char* why) {
  if (!which.invalidated_by.empty()) return;
  which.invalidated_by = std::string(current_api()) + ": " + why;
  complain("%s makes a stream capture invalid: %s", current_api(), why);
}

void require_valid(const capture& which) {
  if (which.invalidated_by.empty()) return;
  throw api_error(cudaErrorStreamCaptureInvalidated, "invalid since " + which.invalidated_by);
}

bool is_legacy(const stream& which) {
  return which.what == stream::sort::legacy_default;
}

// The legacy default stream stands for all blocking streams of its device.
bool is_part_of_legacy(const capture& which, const stream& legacy) {
  return is_legacy(legacy) &&
         std::any_of(which.streams.begin(), which.streams.end(), [&](const stream_ptr& each) {
           return each->blocking && each->device == legacy.device;
         });
}

void add_ends(std::vector<const graph_node*>& to, const std::vector<const graph_node*>& more) {
  for (const graph_node* each : more) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

// Does all that was captured lie before the end of the stream where the capture began?
bool is_joined(const capture& which) {
  std::vector<const graph_node*> open = which.streams.front()->ends;
  std::set<const graph_node*> before(open.begin(), open.end());
  while (!open.empty()) {
    const graph_node* const last = open.back();
    open.pop_back();
    for (const graph_node* each : last->after) {
      if (before.insert(each).second) open.push_back(each);
    }
  }
  return std::all_of(which.streams.begin(), which.streams.end(), [&](const stream_ptr& each) {
    return std::all_of(each->ends.begin(), each->ends.end(),
                       [&](const graph_node* end) { return before.contains(end); });
  });
}

constexpr const char* kImplicit = "the legacy default stream encompasses a stream that is captured";

}  // namespace

cudaStreamCaptureMode& capture_mode_of_thread() {
  static thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  return mode;
}

void capture_table::begin(const stream_ptr& where, cudaStreamCaptureMode mode) {
  require(mode == cudaStreamCaptureModeGlobal || mode == cudaStreamCaptureModeThreadLocal ||
              mode == cudaStreamCaptureModeRelaxed,
          "no such mode");
  require(!is_legacy(*where), "the legacy default stream cannot be captured",
          cudaErrorStreamCaptureUnsupported);
  require(where->capturing == nullptr, "the stream is being captured already",
          cudaErrorIllegalState);
  auto fresh = std::make_shared<capture>();
  fresh->id = next_id_++;
  fresh->mode = mode;
  fresh->thread = std::this_thread::get_id();
  fresh->streams.push_back(where);
  where->capturing = fresh;
  where->ends.clear();
  active_.push_back(std::move(fresh));
  count_ = active_.size();
}

void capture_table::finish(capture& which) {
  which.ended = true;
  for (const stream_ptr& each : which.streams) {
    each->capturing = nullptr;
    each->ends.clear();
  }
  which.streams.clear();
  std::erase_if(active_, [&](const capture_ptr& each) { return each.get() == &which; });
  count_ = active_.size();
}

graph_ptr capture_table::end(const stream_ptr& where) {
  const capture_ptr which = where->capturing;
  require(which != nullptr, "the stream is not being captured", cudaErrorIllegalState);
  require(which->streams.front() == where, "the capture began in another stream",
          cudaErrorStreamCaptureUnmatched);
  require(
      which->mode == cudaStreamCaptureModeRelaxed || which->thread == std::this_thread::get_id(),
      "the capture began in another thread", cudaErrorStreamCaptureWrongThread);
  const bool joined = is_joined(*which);
  finish(*which);
  require_valid(*which);
  require(joined, "a stream that joined the capture was not joined back",
          cudaErrorStreamCaptureUnjoined);
  return which->recorded;
}

void capture_table::forget(const stream& gone) {
  const capture_ptr which = gone.capturing;
  if (which == nullptr) return;
  if (which->streams.front().get() == &gone) {
    finish(*which);
    return;
  }
  invalidate(*which, "a stream that takes part is gone");
  std::erase_if(which->streams, [&](const stream_ptr& each) { return each.get() == &gone; });
}

void capture_table::record(stream& where, const operation_ptr& fresh) {
  auto node = std::make_unique<graph_node>();
  node->work = *fresh;
  node->after = where.ends;
  where.ends = {node.get()};
  where.capturing->recorded->nodes.push_back(std::move(node));
}

void capture_table::record_event(event& what, const stream& where) {
  what.recorded = nullptr;
  what.captured_in = where.capturing;
  what.captured_ends = where.ends;
}

bool capture_table::wait_for_event(const stream_ptr& where, const event& what) {
  const capture_ptr from = what.captured_in;
  const capture_ptr into = where->capturing;
  if (into != nullptr) require_valid(*into);
  if (from == nullptr || from->ended) {
    if (into != nullptr) {
      refuse(*where, cudaErrorStreamCaptureIsolation,
             "a captured stream cannot wait for what is not captured with it");
    }
    require(from == nullptr, "the event was last recorded in a capture", cudaErrorCapturedEvent);
    return false;
  }
  require_valid(*from);
  const auto both = [&](const capture& each) { return &each == from.get() || &each == into.get(); };
  if (into != nullptr && into != from) {
    invalidate_if(both, cudaErrorStreamCaptureMerge, "two captures would become one");
  }
  if (is_legacy(*where)) invalidate_if(both, cudaErrorStreamCaptureImplicit, kImplicit);
  if (into == nullptr) {
    where->capturing = from;
    where->ends.clear();
    from->streams.push_back(where);
  }
  add_ends(where->ends, what.captured_ends);
  return true;
}

void capture_table::invalidate_if(const choice& chosen, cudaError_t error, const char* why) {
  bool found = false;
  for (const capture_ptr& each : active_) {
    if (!chosen(*each)) continue;
    invalidate(*each, why);
    found = true;
  }
  require(!found, why, error);
}

void capture_table::check_queueing(const stream& where) {
  if (where.capturing != nullptr) {
    require_valid(*where.capturing);
    return;
  }
  invalidate_if([&](const capture& each) { return is_part_of_legacy(each, where); },
                cudaErrorStreamCaptureImplicit, kImplicit);
}

void capture_table::check_asking(const stream& which) const {
  for (const capture_ptr& each : active_) {
    require(!is_part_of_legacy(*each, which), kImplicit, cudaErrorStreamCaptureImplicit);
  }
}

void capture_table::check_waiting(const stream& which) {
  if (which.capturing != nullptr) {
    refuse(which, cudaErrorStreamCaptureUnsupported, "the stream is being captured");
  }
  invalidate_if([&](const capture& each) { return is_part_of_legacy(each, which); },
                cudaErrorStreamCaptureImplicit, kImplicit);
  // The reference does not list which calls are potentially unsafe. Waiting for a stream that has
  // nothing to do with the capture counts here, as asking for an event does in reality (pytorch
  // pull request 104555), and as libraries that guard both assume (NCCL).
  check_unsafe();
}

void capture_table::check_waiting(int device) {
  invalidate_if(
      [&](const capture& each) {
        return std::any_of(each.streams.begin(), each.streams.end(),
                           [&](const stream_ptr& one) { return one->device == device; });
      },
      cudaErrorStreamCaptureUnsupported, "a stream of the device is being captured");
  check_unsafe();
}

void capture_table::check_waiting(const event& which) {
  if (which.captured_in != nullptr) {
    invalidate_if([&](const capture& each) { return &each == which.captured_in.get(); },
                  cudaErrorCapturedEvent, "the event was last recorded in this capture");
    throw api_error(cudaErrorCapturedEvent, "the event was last recorded in a capture");
  }
  check_unsafe();
}

void capture_table::check_unsafe() {
  const cudaStreamCaptureMode mode = capture_mode_of_thread();
  if (mode == cudaStreamCaptureModeRelaxed) return;
  const auto forbids = [mode](const capture& each) {
    if (each.thread == std::this_thread::get_id()) return each.mode != cudaStreamCaptureModeRelaxed;
    return mode == cudaStreamCaptureModeGlobal && each.mode == cudaStreamCaptureModeGlobal;
  };
  invalidate_if(forbids, cudaErrorStreamCaptureUnsupported,
                "potentially unsafe while a stream is being captured");
}

void capture_table::refuse(const stream& where, cudaError_t error, const char* why) {
  if (where.capturing == nullptr) return;
  invalidate(*where.capturing, why);
  throw api_error(error, why);
}

}  // namespace cudaemu
