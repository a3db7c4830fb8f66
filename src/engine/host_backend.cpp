#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "checksum/crc32c_box.hpp"
#include "engine/backend.hpp"
#include "engine/host_copy.hpp"
#include "engine/pages.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class host_staging final : public staging_memory {
 public:
  explicit host_staging(std::size_t size_bytes) : pages_(size_bytes) {}
  [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return pages_.bytes(); }

 private:
  page_block pages_;
};

// Whether this process can read the byte. The system call reads the 8 aligned bytes around it
// before it rejects the invalid operation, and fails with EFAULT if they cannot be read.
bool can_be_read(const std::byte* byte) noexcept {
  constexpr std::uintptr_t SIGNAL_SET_BYTES = 8;
  const auto* set = reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(byte) /
                                                  SIGNAL_SET_BYTES * SIGNAL_SET_BYTES);
  return syscall(SYS_rt_sigprocmask, ~0, set, nullptr, SIGNAL_SET_BYTES) == 0 || errno != EFAULT;
}

class host_backend final : public backend {
 public:
  [[nodiscard]] warmstart::device device() const noexcept override { return device::host(); }
  [[nodiscard]] bool synchronous() const noexcept override { return true; }

  std::string misplacement_of(std::span<const std::byte> memory) override {
    if (can_be_read(&memory.front()) && can_be_read(&memory.back())) return {};
    return "the processor cannot read its memory; if it is on a GPU, pass that device";
  }

  std::unique_ptr<staging_memory> allocate_staging(std::size_t size_bytes) override {
    return std::make_unique<host_staging>(size_bytes);
  }

  std::unique_ptr<staging_memory> allocate_mirrors(std::size_t size_bytes) override {
    return std::make_unique<host_staging>(size_bytes);
  }

  void copy(const slot_commands& commands) override {
    for (const copy_command& command : commands.runs) copy_on_host(command);
    for (const copy_command& command : commands.scattered) copy_on_host(command);
  }
  void fill(const fill_command& command) override {
    fill_elements(command.spec, command.type, *command.full_shape, *command.slice, command.held(),
                  command.destination);
  }

  void take(backend& /*from*/, const backend* /*by*/, const peer_copy& bytes) override {
    std::memcpy(bytes.destination, bytes.source, bytes.size_bytes);
  }

  // Commands are complete when their call returns.
  ticket record() override { return 0; }
  bool done(ticket /*mark*/) override { return true; }
  void begin_after(void* /*stream*/) override {}
  void end_before(void* /*stream*/) override {}
  void finish() override {}
  void drain() noexcept override {}

  void remainders(std::span<const remainder_command> commands,
                  std::span<std::uint32_t> answers) override {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const remainder_command& command = commands[i];
      answers[i] = crc32c_box_remainder(command.data, command.run_bytes, command.dimensions,
                                        command.following_bytes);
    }
  }
  void read_back(const std::byte* source, std::span<std::byte> destination) override {
    std::memcpy(destination.data(), source, destination.size());
  }
};

}  // namespace

std::unique_ptr<backend> make_host_backend() {
  return std::make_unique<host_backend>();
}

}  // namespace warmstart::detail
