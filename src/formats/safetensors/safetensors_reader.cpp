#include "formats/safetensors/safetensors_reader.hpp"

#include <map>

#include "formats/common/shard_set.hpp"
#include "formats/safetensors/file_reader.hpp"

namespace warmstart::detail {
namespace {

constexpr auto FORMAT = "safetensors";

}  // namespace

catalog read_safetensors(const file_system& files, const std::string& path) {
  catalog made;
  made.format = FORMAT;
  made.path = path;
  safetensors_file_reader reader(files, path, made);
  reader.add_tensors([](const std::string&) { return true; });
  made.metadata = made.files;
  sort_tensors(made);
  add_tied_names(made, reader.metadata());
  return made;
}

catalog read_safetensors_set(const file_system& files, const std::string& index_path) {
  return read_shard_set(files, index_path, FORMAT,
                        [&](const std::string& path, const wanted_tensors& wanted, catalog& into,
                            std::map<std::string, std::string>& metadata) {
                          safetensors_file_reader reader(files, path, into);
                          reader.add_tensors(wanted);
                          metadata.insert(reader.metadata().begin(), reader.metadata().end());
                        });
}

}  // namespace warmstart::detail
