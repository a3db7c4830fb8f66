#pragma once

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Adds aliases for the tensors of an object-based checkpoint (specification A5). A checkpoint is
/// object-based if one of its tensors is an object graph.
///
///     model/encoder/kernel/.ATTRIBUTES/VARIABLE_VALUE   the tensor's name: its key
///     dense/kernel                                      full name in the graph; if several
///                                                       tensors have it, the last one counts
///     model/encoder/kernel                              path: the key without its ending
///     encoder/kernel                                    path below the top-level attribute
///                                                       (`Checkpoint(model=...)`), if unique
///
/// If a name is of several of these kinds, the kind further up wins. The graph is read from a data
/// file. If it cannot be read or parsed, or is larger than any real one, only paths are added, and
/// `missing_names_reason` says why. Node numbers and keys that refer to nothing are ignored.
void add_object_names(const file_system& files, catalog& into);

}  // namespace warmstart::detail
