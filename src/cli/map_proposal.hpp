#pragma once

#include <span>
#include <string>
#include <vector>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

/// The target of an assignment: a variable, or a tensor of another checkpoint.
struct map_target {
  std::string name;
  dtype type = dtype::invalid;
  warmstart::shape shape;
};

struct proposed_entry {
  std::string tensor;
  std::string target;
  bool transposed = false;
  bool cast = false;
  std::string doubt;  ///< what names and shapes leave open; empty: nothing
};

/// A target with several equally good tensors, or with one that only has the right shape.
struct open_question {
  std::string target;
  std::vector<std::string> tensors;  ///< the candidates, in the checkpoint's order
  std::string reason;
};

struct map_proposal {
  std::vector<proposed_entry> entries;  ///< sorted by target; targets and tensors occur once
  std::vector<open_question> questions;
  std::vector<std::string> unmatched;  ///< targets without a tensor
  std::vector<std::string> unused;     ///< tensors in no entry
};

/// Proposes a tensor for each target. Tensors match by
///
///     the same name             `.` equals `/`; `:0` at the end is ignored
///     else by common words      all numbers must agree, and the longest common sequence of words
///                               counts; synonyms such as `kernel` and `weight` are equal
///
/// A tensor must have the target's shape or its transpose. A pair is proposed if each is the
/// other's only best match; ties become questions.
[[nodiscard]] map_proposal propose_map(std::span<const tensor_info> tensors,
                                       std::span<const map_target> targets);

}  // namespace warmstart::detail::cli
