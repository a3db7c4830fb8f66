#include "engine/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "base/units.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using namespace std::chrono_literals;

constexpr auto PROGRESS_INTERVAL = 50ms;
// How often to poll devices for completion if nothing else happens.
constexpr auto POLL_INTERVAL = 50us;

std::vector<backend*> find_devices(const load_request& request) {
  std::vector<backend*> found;
  for (const demand& one : request.plan->demands) {
    backend* target = request.backends[one.row];
    if (!target->synchronous() && std::find(found.begin(), found.end(), target) == found.end()) {
      found.push_back(target);
    }
  }
  return found;
}

}  // namespace

pipeline::pipeline(const load_request& request, const staging_lease& staging, trace_recorder* trace)
    : request_(request),
      plan_(*request.plan),
      staging_(staging),
      trace_(trace),
      files_(plan_, *request.files, request.mode),
      checksums_(plan_, request.checksums),
      expectations_(plan_.row_checks.size()),
      devices_(find_devices(request)),
      waiting_(plan_, request.backends, devices_, staging.slot_count()),
      chunks_left_(plan_.chunks.size()),
      free_slots_(staging.slot_count()),
      on_stop_(request.stop, [this] {
        fail(std::make_exception_ptr(error(error_code::cancelled, "the load was cancelled")));
      }) {
  std::iota(free_slots_.rbegin(), free_slots_.rend(), 0U);
  if (has_slot_for_each_chunk()) waiting_.lift_shares(staging_.slot_count());
  for (const relay& one : plan_.relays) relay_chunks_left_.push_back(one.chunks);
  for (std::size_t i = 0; trace_ != nullptr && i < free_slots_.size(); ++i) {
    traced_slots_.push_back(
        {.lane = &trace_->add_lane("slots", "slot " + std::to_string(i)), .held_since = {}});
  }
}

// A busy stream releases no slot until it has executed the load's commands.
bool pipeline::has_slot_for_each_chunk() const {
  if (request_.streams.empty()) return false;
  return staging_.slot_count() >= static_cast<std::size_t>(plan_.chunks_with_slots());
}

void pipeline::read() noexcept {
  try {
    trace_recorder::lane* lane = trace_ != nullptr ? &trace_->add_reader() : nullptr;
    chunk_reader reader(request_, files_, checksums_, expectations_, lane);
    index_range share;
    while (const auto taken = take(share, lane)) {
      const auto slot =
          taken->slot == NO_SLOT ? std::span<std::byte>() : staging_.slot(taken->slot);
      const bool complete = reader.run(
          taken->chunk, slot, [this] { return stopping_.load(std::memory_order_relaxed); });
      if (complete) hand_over(*taken);
    }
  } catch (...) {
    fail(std::current_exception());
  }
}

// Takes the next chunk, and a slot if the chunk needs one. Returns nothing when all chunks are
// taken or the load failed.
std::optional<pipeline::filled_chunk> pipeline::take(index_range& share,
                                                     trace_recorder::lane* lane) {
  if (share.begin != share.end && !stopping_) return filled_chunk{.chunk = share.begin++};
  std::unique_lock lock(mutex_);
  {
    const traced waiting(lane, traced_work::wait);
    readers_wait_.wait(lock, [this] {
      return failure_ || waiting_.empty() || waiting_.ready(!free_slots_.empty());
    });
  }
  if (failure_ || waiting_.empty()) return std::nullopt;
  share = waiting_.take(!free_slots_.empty());
  filled_chunk taken{.chunk = share.begin++};
  if (plan_.chunks[taken.chunk].needs_slot) {
    taken.slot = free_slots_.back();
    free_slots_.pop_back();
    if (trace_ != nullptr) traced_slots_[taken.slot].held_since = trace_recorder::clock::now();
  }
  if (waiting_.empty()) readers_wait_.notify_all();
  return taken;
}

void pipeline::hand_over(const filled_chunk& filled) {
  if (waiting_.devices_of(filled.chunk).empty()) {
    finish(filled);
    return;
  }
  const std::lock_guard lock(mutex_);
  filled_.push_back(filled);
  driver_waits_.notify_one();
}

void pipeline::finish(const filled_chunk& done) {
  const std::lock_guard lock(mutex_);
  if (done.slot != NO_SLOT) {
    free_slots_.push_back(done.slot);
    if (trace_ != nullptr) {
      const traced_slot& slot = traced_slots_[done.slot];
      slot.lane->add(traced_work::hold, slot.held_since, trace_recorder::clock::now(), done.chunk,
                     plan_.chunks[done.chunk].size_bytes);
    }
    readers_wait_.notify_one();
  }
  bytes_done_ += plan_.chunks[done.chunk].read_bytes;
  --chunks_left_;
  if (finished()) driver_waits_.notify_one();
}

void pipeline::fail(std::exception_ptr why) noexcept {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(why);
  stopping_ = true;
  readers_wait_.notify_all();
  driver_waits_.notify_all();
}

void pipeline::drive() noexcept {
  try {
    trace_recorder::lane* lane =
        trace_ != nullptr ? &trace_->add_lane("driver", "driver") : nullptr;
    for (;;) {
      report_progress(false);
      std::optional<filled_chunk> filled;
      const bool released = release_done();
      leave_to_streams();
      {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return failure_ || finished() || !filled_.empty(); };
        if (in_flight_.empty()) {
          driver_waits_.wait_for(lock, PROGRESS_INTERVAL, ready);
        } else if (!released) {
          driver_waits_.wait_for(lock, POLL_INTERVAL, ready);
        }
        if (failure_ || finished()) break;
        if (!filled_.empty()) {
          filled = filled_.front();
          filled_.pop_front();
        }
      }
      if (filled) {
        const traced submitting(lane, traced_work::submit, filled->chunk);
        submit(*filled);
      }
    }
    if (finish_devices()) report_progress(true);
  } catch (...) {
    fail(std::current_exception());
  }
}

void pipeline::submit(const filled_chunk& filled) {
  const chunk& one = plan_.chunks[filled.chunk];
  const auto slot = staging_.slot(filled.slot);
  const std::byte* origin = chunk_reader::origin(one, slot);
  const std::int64_t chunk_begin = origin - slot.data();
  auto list_begin = static_cast<std::size_t>(chunk_begin + one.size_bytes);
  list_begin =
      (list_begin + scatter_list_alignment - 1) / scatter_list_alignment * scatter_list_alignment;
  in_flight_.push_back({.chunk = filled, .tickets = {}});
  for (const std::uint32_t number : waiting_.devices_of(filled.chunk)) {
    backend* const target = devices_[number];
    chunk_reader::commands(request_, one, slot, target, commands_);
    slot_commands given{.runs = commands_.runs, .scattered = commands_.scattered, .slot = slot};
    given.chunk = filled.chunk;
    const auto uploads = transfer_plan::part(plan_.uploads, one.uploads);
    const auto wanted = std::find_if(uploads.begin(), uploads.end(), [&](const upload& to) {
      return to.device == target->device();
    });
    if (wanted != uploads.end()) {
      staged_.clear();
      for (const span_range& range : transfer_plan::part(plan_.staged, wanted->ranges)) {
        staged_.push_back({.begin = chunk_begin + range.begin, .end = chunk_begin + range.end});
      }
      given.staged = staged_;
      given.list = slot.subspan(list_begin, static_cast<std::size_t>(wanted->list_bytes));
      given.list_copy = staging_.mirror(wanted->device, filled.slot);
      if (!staged_.empty()) {
        given.mirror = given.list_copy;
        given.list_copy += list_begin;
      }
      list_begin += given.list.size();
    }
    target->copy(given);
    in_flight_.back().tickets.push_back({.device = number, .mark = target->record()});
  }
  pass_on(filled.chunk);
}

// Queues the peer copies whose last chunk has now been queued on its device.
void pipeline::pass_on(std::uint32_t last_chunk) {
  const index_range relays = plan_.chunks[last_chunk].relays;
  for (const std::uint32_t number : transfer_plan::part(plan_.chunk_relays, relays)) {
    if (--relay_chunks_left_[number] > 0) continue;
    const relay& what = plan_.relays[number];
    const backend* by =
        what.after == relay::host ? nullptr : request_.backends[plan_.relays[what.after].from];
    request_.backends[what.to]->take(
        *request_.backends[what.from], by,
        {.source = request_.addresses[what.from] + what.bytes.begin,
         .destination = request_.addresses[what.to] + what.bytes.begin,
         .size_bytes = static_cast<std::size_t>(what.bytes.end - what.bytes.begin),
         .chunk = last_chunk});
  }
}

// Releases the slots that no device reads any more. Returns true if a device finished reading a
// slot. Tickets of a device complete in order, so polling a device stops at its first incomplete
// ticket.
bool pipeline::release_done() {
  bool any = false;
  busy_.assign(devices_.size(), false);
  for (copying_chunk& one : in_flight_) {
    std::erase_if(one.tickets, [&](const slot_ticket& held) {
      if (busy_[held.device]) return false;
      if (!devices_[held.device]->done(held.mark)) {
        busy_[held.device] = true;
        return false;
      }
      any = true;
      if (trace_ != nullptr) trace_->release(one.chunk.chunk, devices_[held.device]->device());
      const std::lock_guard lock(mutex_);
      waiting_.release(held.device);
      readers_wait_.notify_one();
      return true;
    });
    if (one.tickets.empty()) finish(one.chunk);
  }
  std::erase_if(in_flight_, [](const copying_chunk& one) { return one.tickets.empty(); });
  return any;
}

// If the only outstanding work is ordered by callers' streams, finishes without waiting for it.
void pipeline::leave_to_streams() {
  if (request_.streams.empty() || in_flight_.empty()) return;
  for (const copying_chunk& one : in_flight_) {
    for (const slot_ticket& held : one.tickets) {
      if (!has_stream(request_.streams, devices_[held.device])) return;
    }
  }
  {
    const std::lock_guard lock(mutex_);
    if (chunks_left_ != in_flight_.size()) return;
  }
  for (const copying_chunk& one : in_flight_) finish(one.chunk);
  in_flight_.clear();
}

void pipeline::report_progress(bool last) {
  if (!request_.progress) return;
  std::int64_t done = 0;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    done = bytes_done_;
  }
  if (done == bytes_reported_ && !last) return;
  bytes_reported_ = done;
  request_.progress(done, plan_.bytes_read);
}

// Waits until the rows are complete: so far, devices have only been seen to finish reading slots.
// Returns false if the load has failed.
bool pipeline::finish_devices() {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return false;
  }
  for (backend* target : devices_) {
    if (!has_stream(request_.streams, target)) target->finish();
  }
  return true;
}

load_result pipeline::result() {
  if (failure_) std::rethrow_exception(failure_);
  load_result made{.bytes_read = bytes_done_,
                   .expected = std::vector<std::uint32_t>(plan_.row_checks.size(), 0),
                   .damage = checksums_.take_damage(),
                   .checksums = checksums_.take_checksums()};
  for (std::uint32_t row = 0; row < made.expected.size(); ++row) {
    if (plan_.row_checks[row] != row_check::loaded) continue;
    made.expected[row] = expectations_.checksum(plan_.expected_like[row], request_.row_bytes[row]);
  }
  return made;
}

}  // namespace warmstart::detail
