#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <string>

#include "io/descriptor.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail::test {

/// A mapping of eight pages of 'x', of which the file has only the first two.
class cut_off_file {
 public:
  static constexpr std::size_t PAGES = 8;
  static constexpr std::size_t PAGE = 4096;

  cut_off_file() {
    const std::string path = directory_ / "f";
    write_file(path, std::string(PAGES * PAGE, 'x'));
    const unique_descriptor file(::open(path.c_str(), O_RDWR));
    void* const data = ::mmap(nullptr, PAGES * PAGE, PROT_READ, MAP_SHARED, file.get(), 0);
    bytes_ = {static_cast<const std::byte*>(data), PAGES * PAGE};
    EXPECT_EQ(::ftruncate(file.get(), 2 * PAGE), 0);
  }
  cut_off_file(const cut_off_file&) = delete;
  cut_off_file& operator=(const cut_off_file&) = delete;
  ~cut_off_file() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  /// Reads a byte of that page.
  std::byte read(std::size_t page) const {
    return *static_cast<const volatile std::byte*>(&bytes_[page * PAGE]);
  }

 private:
  temporary_directory directory_;
  std::span<const std::byte> bytes_;
};

}  // namespace warmstart::detail::test
