#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/backend.hpp"

namespace warmstart::detail::test {

/// The host backend; records its fills and checksums.
class watched_host final : public backend {
 public:
  [[nodiscard]] warmstart::device device() const noexcept override { return device::host(); }
  [[nodiscard]] bool synchronous() const noexcept override { return true; }
  void fill(const fill_command& command) override {
    {
      const std::lock_guard lock(mutex_);
      ++fills;
      bytes.push_back(command.slice->lengths().element_count() *
                      static_cast<std::int64_t>(size_of(command.type)));
    }
    if (on_fill) on_fill();
    host_->fill(command);
  }

  std::unique_ptr<staging_memory> allocate_staging(std::size_t size) override {
    return host_->allocate_staging(size);
  }
  std::unique_ptr<staging_memory> allocate_mirrors(std::size_t size) override {
    return host_->allocate_mirrors(size);
  }
  void copy(const slot_commands& commands) override { host_->copy(commands); }
  void take(backend& from, const backend* by, const peer_copy& what) override {
    host_->take(from, by, what);
  }
  ticket record() override { return host_->record(); }
  bool done(ticket mark) override { return host_->done(mark); }
  void begin_after(void* stream) override { host_->begin_after(stream); }
  void end_before(void* stream) override { host_->end_before(stream); }
  void finish() override { host_->finish(); }
  void drain() noexcept override { host_->drain(); }
  void remainders(std::span<const remainder_command> commands,
                  std::span<std::uint32_t> answers) override {
    if (on_remainders) on_remainders();
    host_->remainders(commands, answers);
  }
  void read_back(const std::byte* source, std::span<std::byte> destination) override {
    host_->read_back(source, destination);
  }

  std::function<void()> on_fill;        ///< on the thread that fills, before it does
  std::function<void()> on_remainders;  ///< likewise
  std::size_t fills = 0;
  std::vector<std::int64_t> bytes;  ///< of each fill

 private:
  std::unique_ptr<backend> host_ = make_host_backend();
  std::mutex mutex_;
};

}  // namespace warmstart::detail::test
