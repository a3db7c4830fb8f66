#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

/// What kind of thing went wrong; the spelling of `to_string` is part of the program's JSON output.
enum class error_code {
  not_found,         ///< a path, tensor, variable or scope does not exist
  mismatch,          ///< shape, dtype or range of tensor and variable do not fit
  corrupt,           ///< bytes of a file contradict each other, or a checksum
  unsupported,       ///< valid, but more than this library does
  io,                ///< the operating system failed a call on a file
  out_of_memory,     ///< host or device memory, or the staging budget, does not suffice
  device,            ///< no such device, or a call on it failed
  cancelled,         ///< the caller asked to stop
  invalid_argument,  ///< the call itself makes no sense
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(error_code code) noexcept;

/// One mistake, with what it concerns. `message` stands on its own; `variable` and `tensor` are for
/// programs and empty where they do not apply.
struct problem {
  error_code code = error_code::invalid_argument;
  std::string message = {};
  std::string variable = {};
  std::string tensor = {};

  friend bool operator==(const problem&, const problem&) = default;
};

/// The one exception of this library. It carries every problem found, never none: calls that check
/// several things check all of them first. Copying does not throw.
class WARMSTART_EXPORT error : public std::runtime_error {
 public:
  error(error_code code, const std::string& message);
  explicit error(problem only);
  /// `what()` lists all of them, one per line. An empty list becomes one problem that says so.
  explicit error(std::vector<problem> problems);
  /// Copied, not moved: an error always has its problems.
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
