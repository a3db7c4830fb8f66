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

/// How variables take a model: as it is, cut, or converted.
struct way {
  std::string name;
  std::optional<partitioner> parts = {};
  std::optional<dtype> wanted = {};  ///< converted by `cast`
  // Shares that are aimed at; 0: none.
  double at_least = 0;        ///< of plain reads
  double fresh_at_least = 0;  ///< likewise, where memory is fresh
  double of_first = 0;        ///< of the first way
};

/// A job that is measured: what is stored, and the ways to load it.
struct named_load {
  std::string name;
  stored_model model;
  std::vector<way> ways;

  /// What the variables of a way need.
  [[nodiscard]] std::int64_t memory_bytes(const way& how) const;
};

/// `big`, `many`, `mix`, `embedding` or `cast`, of a `divisor`th of its size. Throws `not_found`.
[[nodiscard]] named_load make_load(std::string_view name, std::int64_t divisor);

/// One load of a checkpoint with that model into variables of its own.
class single_load {
 public:
  /// Makes the variables; `memory` is where their memory comes from.
  single_load(const named_load& what, const way& how, const device& where,
              const std::shared_ptr<memory_resource>& memory);

  void resolve(const std::string& prefix);
  /// Seconds that `run_initializers` takes.
  double run(const load_options& options);
  /// Throws unless what is in memory is what is stored.
  void verify_all();

 private:
  bool casts_;
  variable_store vars_;
};

}  // namespace warmstart::detail
