#pragma once

#include <functional>
#include <map>
#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

using wanted_tensors = std::function<bool(const std::string& name)>;

/// Appends a file's wanted tensors to `into`, and its metadata to `metadata`.
using shard_reader =
    std::function<void(const std::string& path, const wanted_tensors& wanted, catalog& into,
                       std::map<std::string, std::string>& metadata)>;

/// Reads a set of files through its index (`*.index.json`), which maps tensors to files in the same
/// directory. Tensors that the index does not list are ignored. Throws `not_found` if a file is
/// missing, `corrupt`, and what `read` throws.
[[nodiscard]] catalog read_shard_set(const file_system& files, const std::string& index_path,
                                     const std::string& format, const shard_reader& read);

/// Sorts by name, as `catalog` requires.
void sort_tensors(catalog& made);

/// Adds aliases for tied weights: only one tensor is stored, and the metadata map the other's name
/// to it (specification 2.5).
void add_tied_names(catalog& made, const std::map<std::string, std::string>& metadata);

}  // namespace warmstart::detail
