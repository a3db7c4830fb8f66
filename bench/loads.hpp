#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stored_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {

/// How variables take a model: unchanged, partitioned or converted.
struct way {
  std::string name;
  std::optional<partitioner> parts = {};
  std::optional<dtype> wanted = {};  ///< dtype to convert to
  // Target shares; 0 if none.
  double at_least = 0;        ///< share of plain reads
  double fresh_at_least = 0;  ///< the same with fresh memory
  double of_first = 0;        ///< share of the first way's speed
};

/// A measured load: a stored model and the ways to load it.
struct named_load {
  std::string name;
  stored_model model;
  std::vector<way> ways;

  /// Memory of the variables of a way.
  [[nodiscard]] std::int64_t memory_bytes(const way& how) const;
};

/// The load `big`, `many`, `mix`, `embedding` or `cast`, with its size divided by `divisor`. Throws
/// `not_found`.
[[nodiscard]] named_load make_load(std::string_view name, std::int64_t divisor);

/// One load of a checkpoint with a model, into new variables.
class single_load {
 public:
  /// Creates the variables, which allocate from `memory`.
  single_load(const named_load& what, const way& how, const device& where,
              const std::shared_ptr<memory_resource>& memory);

  void resolve(const std::string& prefix);
  /// Seconds that `run_initializers` takes.
  double run(const load_options& options);
  /// Throws `corrupt` unless the bytes in memory equal the stored ones.
  void verify_all();

 private:
  bool casts_;
  variable_store vars_;
};

}  // namespace warmstart::detail
