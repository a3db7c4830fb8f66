#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ceilings.hpp"
#include "contest.hpp"
#include "kept_memory.hpp"
#include "stored_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {

struct read_settings {
  std::string directory;     ///< of the checkpoint, which is written if it does not exist
  std::int64_t divisor = 1;  ///< divides the number of bytes and calls
  std::size_t threads = 2;   ///< of plain programs, and of library calls that accept a number
  int rounds = 5;
};

/// Measures calls other than loads that read a checkpoint or compute checksums, compared with plain
/// programs that do the same. Files have been read into the page cache. Prints the results.
class read_contest {
 public:
  explicit read_contest(const read_settings& settings);

  /// `checkpoint::read` of a large tensor, of slices and of a scalar.
  void measure_reads();
  /// `checkpoint::verify`, and `verify` of variables in host memory.
  void measure_verification();
  /// `compute_checksums` of a safetensors file.
  void measure_checksums();

 private:
  [[nodiscard]] const stored_tensor& rows() const { return model_[0]; }
  [[nodiscard]] const stored_tensor& large() const { return model_[1]; }

  void add_plain_reads();
  void add_reads();
  [[nodiscard]] double read_large(plain_reads how, std::span<std::byte> memory);
  void measure_small_reads();
  void add_file_checksums(const std::string& path, std::size_t begin);
  void add_file_call(const char* name, std::function<void()> work);
  void add_store_verification(int parts);
  void add_memory_checksums(std::span<const std::byte> memory);
  void finish(const char* load);

  std::size_t threads_;
  int rounds_;
  std::int64_t calls_;
  stored_model model_;
  std::string prefix_;
  std::string file_;
  engine engine_;
  std::shared_ptr<kept_memory> memory_;
  std::deque<variable_store> stores_;
  std::vector<contestant> all_;
};

}  // namespace warmstart::detail
