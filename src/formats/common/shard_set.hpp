#pragma once

#include <functional>
#include <map>
#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

using wanted_tensors = std::function<bool(const std::string& name)>;

/// Appends those tensors of a file that are wanted, and what the file says besides.
using shard_reader =
    std::function<void(const std::string& path, const wanted_tensors& wanted, catalog& into,
                       std::map<std::string, std::string>& metadata)>;

/// Reads a set: an index (`*.index.json`) says which of the files beside it holds which tensor;
/// what it does not list is not there. Throws `corrupt`, and what the reader throws.
[[nodiscard]] catalog read_shard_set(const file_system& files, const std::string& index_path,
                                     const std::string& format, const shard_reader& read);

/// As a catalog has to have them.
void sort_tensors(catalog& made);

/// Of tied weights one is stored, and metadata say what the other is called (specification 2.5).
void add_tied_names(catalog& made, const std::map<std::string, std::string>& metadata);

}  // namespace warmstart::detail
