#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

/// Category of a problem. The strings that `to_string` returns appear in the program's JSON output
/// and are stable.
enum class error_code {
  not_found,         ///< a path, tensor, variable or scope does not exist
  mismatch,          ///< shapes, dtypes or ranges of a tensor and a variable differ
  corrupt,           ///< a file is inconsistent or does not match its checksum
  unsupported,       ///< valid, but not supported by this library
  io,                ///< the operating system failed a call on a file
  out_of_memory,     ///< host memory, device memory or the staging budget is too small
  device,            ///< the device does not exist, or a call on it failed
  cancelled,         ///< the caller requested a stop
  invalid_argument,  ///< the arguments of the call are invalid
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(error_code code) noexcept;

/// One problem. `message` is complete by itself; the other members repeat parts of it for programs
/// and are empty where they do not apply.
struct problem {
  error_code code = error_code::invalid_argument;
  std::string message = {};
  std::string variable = {};
  std::string tensor = {};
  std::string file = {};           ///< path, or as much of one as the problem is about
  std::int64_t offset_bytes = -1;  ///< position in `file`; negative if there is none
  std::string expected = {};       ///< such as a shape, a size with its unit, or a checksum
  std::string found = {};

  friend bool operator==(const problem&, const problem&) = default;
};

/// The only exception type of this library. Carries at least one problem: calls with several checks
/// run all of them and report every problem. Copying does not throw.
class WARMSTART_EXPORT error : public std::runtime_error {
 public:
  error(error_code code, const std::string& message);
  explicit error(problem single);
  /// `what()` lists all problems, one per line. An empty list is replaced by one problem that
  /// reports it.
  explicit error(std::vector<problem> problems);
  /// No move operations: an error always has its problems.
  error(const error&) = default;
  error& operator=(const error&) = default;
  ~error() override;

  /// The code of the first problem.
  [[nodiscard]] error_code code() const noexcept { return problems_->front().code; }
  [[nodiscard]] const std::vector<problem>& problems() const noexcept { return *problems_; }

 private:
  explicit error(std::shared_ptr<const std::vector<problem>> problems);

  std::shared_ptr<const std::vector<problem>> problems_;
};

}  // namespace warmstart
