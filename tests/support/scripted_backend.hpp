#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "engine/backend.hpp"
#include "engine/host_copy.hpp"
#include "engine/pages.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::test {

/// Pages of the host that were in use before.
class used_pages final : public staging_memory {
 public:
  explicit used_pages(std::size_t size) : pages_(size) {
    std::ranges::fill(pages_.bytes(), std::byte{0xCB});
  }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return pages_.bytes(); }

 private:
  page_block pages_;
};

/// A device that executes commands as late as its contract allows: when a later ticket
/// is done. A ticket is done after enough queries. Memory that is reused too early
/// gives wrong results. Its memory is host memory.
class scripted_backend final : public backend {
 public:
  struct script {
    int polls = 3;       ///< a ticket is done when `done` is called for it this many times
    int fail_call = -1;  ///< this call of copy, record or done (counted together) fails
    std::size_t staging_limit = SIZE_MAX;
    std::size_t mirror_limit = SIZE_MAX;
    std::function<bool()> stuck = {};       ///< while it says so, no ticket is done
    std::function<void(int)> on_call = {};  ///< with the number of each call, as they are counted
    bool busy_stream = false;               ///< callers' streams have work that is not done
  };

  scripted_backend(const warmstart::device& where, script plan)
      : where_(where), script_(std::move(plan)) {}

  [[nodiscard]] warmstart::device device() const noexcept override { return where_; }
  [[nodiscard]] bool synchronous() const noexcept override { return false; }

  std::unique_ptr<staging_memory> allocate_staging(std::size_t size_bytes) override {
    if (size_bytes > script_.staging_limit) {
      throw error(error_code::out_of_memory, "no pinned memory");
    }
    staging_bytes += size_bytes;
    return std::make_unique<used_pages>(size_bytes);
  }
  std::unique_ptr<staging_memory> allocate_mirrors(std::size_t size_bytes) override {
    if (size_bytes > script_.mirror_limit) {
      throw error(error_code::out_of_memory, "no memory for mirrors");
    }
    staging_bytes += size_bytes;
    return std::make_unique<used_pages>(size_bytes);
  }

  void copy(const slot_commands& commands) override {
    step();
    for (const copy_command& command : commands.runs) {
      queue([command] { copy_on_host(command); });
    }
    for (const span_range& range : commands.staged) {
      queue([=, from = commands.slot.data(), to = commands.mirror] {
        std::memcpy(to + range.begin, from + range.begin,
                    static_cast<std::size_t>(range.end - range.begin));
      });
    }
    if (!commands.list.empty()) {
      queue(
          [to = commands.list_copy, size = commands.list.size()] { std::memset(to, 0xEE, size); });
    }
    for (copy_command command : commands.scattered) {
      if (commands.mirror != nullptr) {
        command.source = commands.mirror + (command.source - commands.slot.data());
      }
      queue([command, loops = std::vector(command.dimensions.begin(), command.dimensions.end())] {
        copy_command late = command;
        late.dimensions = loops;
        copy_on_host(late);
      });
    }
    if (!commands.scattered.empty()) {
      // What a device writes there as it lays out its list must not hurt anything.
      std::ranges::fill(commands.list, std::byte{0xEE});
      ++scatters;
    }
    most_pending = std::max(most_pending, open_tickets() + 1);
  }
  void fill(const fill_command& command) override {
    step();
    queue([command] {
      fill_elements(command.spec, command.type, *command.full_shape, *command.slice, command.held(),
                    command.destination);
    });
  }
  void take(backend& from, const backend* /*by*/, const peer_copy& bytes) override {
    step();
    auto& source = dynamic_cast<scripted_backend&>(from);
    // As late as here, and not before the other one has it.
    queue([&source, bytes, given = source.given_] {
      source.complete_given_before(given);
      std::memcpy(bytes.destination, bytes.source, bytes.size_bytes);
    });
    taken_bytes += bytes.size_bytes;
  }
  ticket record() override {
    step();
    polls_left_.push_back(script_.polls);
    return next_++;
  }
  bool done(ticket mark) override {
    step();
    if (script_.stuck && script_.stuck()) return false;
    if (polls_left_.at(mark) > 0) --polls_left_[mark];
    // Tickets complete in order.
    for (ticket earlier = 0; earlier <= mark; ++earlier) {
      if (polls_left_[earlier] > 0) return false;
    }
    complete(mark);
    ++tickets_done;
    return true;
  }
  std::shared_ptr<const completion> mark() override {
    return std::make_shared<const scripted_completion>(*this, next_);
  }
  bool is_idle(void* /*stream*/) override { return !script_.busy_stream; }
  void begin_after(void* stream) override {
    step();
    begun_after.push_back(stream);
  }
  void end_before(void* stream) override {
    step();
    ended_before.push_back(stream);
  }
  void finish() override {
    step();
    complete(next_);
  }
  void drain() noexcept override {
    drained = true;
    complete(next_);
  }

  void remainders(std::span<const remainder_command> commands,
                  std::span<std::uint32_t> answers) override {
    make_host_backend()->remainders(commands, answers);
  }
  void read_back(const std::byte* source, std::span<std::byte> destination) override {
    std::memcpy(destination.data(), source, destination.size());
  }

  /// Whether all commands have been carried out.
  [[nodiscard]] bool idle() const noexcept { return pending_.empty(); }

  std::size_t staging_bytes = 0;
  std::size_t taken_bytes = 0;  ///< from other devices
  std::size_t scatters = 0;     ///< calls of `copy` that had something to scatter
  std::size_t tickets_done = 0;
  std::size_t most_pending = 0;  ///< chunks whose copies were not done, at most
  std::vector<void*> begun_after;
  std::vector<void*> ended_before;
  int calls = 0;
  bool drained = false;
  bool one_thread = true;  ///< all calls so far came from one thread

 private:
  /// Waiting for it executes all earlier commands. Its backend must still exist.
  class scripted_completion final : public completion {
   public:
    scripted_completion(scripted_backend& of, ticket mark) : of_(of), mark_(mark) {}
    [[nodiscard]] bool done() const noexcept override {
      return of_.pending_.empty() || of_.pending_.front().after > mark_;
    }
    void wait() const override { of_.complete(mark_); }

   private:
    scripted_backend& of_;
    ticket mark_;
  };

  struct queued {
    ticket after;
    std::uint64_t number;  ///< of all commands
    std::function<void()> run;
  };

  void queue(std::function<void()> run) { pending_.push_back({next_, given_++, std::move(run)}); }

  void step() {
    if (calls == 0) caller_ = std::this_thread::get_id();
    if (caller_ != std::this_thread::get_id()) one_thread = false;
    if (script_.on_call) script_.on_call(calls);
    if (calls++ == script_.fail_call) throw error(error_code::device, "scripted device failure");
  }
  [[nodiscard]] std::size_t open_tickets() const {
    std::size_t open = 0;
    for (const int polls : polls_left_) open += polls > 0 ? 1 : 0;
    return open;
  }
  void run_next() {
    const auto next = std::move(pending_.front());
    pending_.pop_front();
    next.run();  // may have another device complete what it waits for, and that one this
  }
  void complete(ticket mark) {
    while (!pending_.empty() && pending_.front().after <= mark) run_next();
  }
  // Earlier commands never wait for later ones, so devices may wait for each
  // other.
  void complete_given_before(std::uint64_t number) {
    while (!pending_.empty() && pending_.front().number < number) run_next();
  }

  warmstart::device where_;
  script script_;
  ticket next_ = 0;
  std::uint64_t given_ = 0;  ///< commands so far
  std::vector<int> polls_left_;
  std::deque<queued> pending_;
  std::thread::id caller_;
};

}  // namespace warmstart::detail::test
