#pragma once

#include <span>
#include <string>
#include <vector>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

/// What wants a value: a variable, or a tensor of a checkpoint that is to be filled.
struct map_target {
  std::string name;
  dtype type = dtype::invalid;
  shape of;
};

struct proposed_entry {
  std::string tensor;
  std::string target;
  bool transposed = false;
  bool cast = false;
  std::string doubt;  ///< what neither names nor shapes can tell; empty: nothing
};

/// A target that several tensors fit equally well, or one that only its shape speaks for.
struct open_question {
  std::string target;
  std::vector<std::string> tensors;  ///< that may be meant, in the checkpoint's order
  std::string why;
};

struct map_proposal {
  std::vector<proposed_entry> entries;  ///< by target, each once; no tensor twice
  std::vector<open_question> questions;
  std::vector<std::string> unmatched;  ///< targets that no tensor fits
  std::vector<std::string> unused;     ///< tensors that are in no entry
};

/// Which tensor may initialize which target:
///
///     the same name                       `.` and `/` are one letter, `:0` at the end counts not
///     else the words that names share     as many as possible in the same order, and all numbers;
///                                         `kernel` and `weight` and the like are the same word
///
/// A tensor must have the target's shape, or that of its transpose. It is proposed if it fits the
/// target best, and the target it; what ties is a question.
[[nodiscard]] map_proposal propose_map(std::span<const tensor_info> tensors,
                                       std::span<const map_target> targets);

}  // namespace warmstart::detail::cli
