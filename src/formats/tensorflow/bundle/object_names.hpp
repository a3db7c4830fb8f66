#pragma once

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Gives the tensors of an object-based checkpoint (specification A5) their further names, if it is
/// one: the graph of objects is among its tensors.
///
///     model/encoder/kernel/.ATTRIBUTES/VARIABLE_VALUE     the tensor's own name, its key
///     dense/kernel                                        full name, as the graph says: of several
///                                                         tensors, the last in the graph has it
///     model/encoder/kernel                                path: the key without its ending
///     encoder/kernel                                      path within the object that the
///     checkpoint
///                                                         was made of (`Checkpoint(model=...)`),
///                                                         if no other one has such a path
///
/// A name that could mean several of these means the one further up. Reads the graph, which is in a
/// data file. If that cannot be read or understood, or is larger than any real one, there are only
/// paths, and `names_missing` says why. Node numbers and keys that lead nowhere are ignored.
void add_object_names(const file_system& files, catalog& into);

}  // namespace warmstart::detail
