#include "formats/torch/torch_reader.hpp"

#include <functional>

#include "formats/common/shard_set.hpp"
#include "formats/torch/legacy_file.hpp"
#include "formats/torch/torch_archive.hpp"
#include "formats/torch/torch_catalog.hpp"

namespace warmstart::detail {
namespace {

constexpr auto READ_FORMAT = "torch";

void add_file(const file_system& files, const std::string& path, const wanted_tensors& wanted,
              catalog& into) {
  const auto from = files.open(path, read_mode::buffered);
  const auto number = static_cast<std::uint32_t>(into.files.size());
  into.files.push_back({.path = path, .identity = from->identity()});
  const auto add = [&](const auto& saved, bool big_endian) {
    torch_catalog(into, saved.values(), path, big_endian, [&](const torch_storage& storage) {
      return saved.find(storage, number);
    }).add_tensors(wanted);
  };
  if (is_legacy_torch(*from)) {
    add(legacy_torch_file(*from), false);
  } else {
    const torch_archive archive(*from, {.begin = 0, .end = from->identity().size_bytes});
    add(archive, archive.big_endian());
  }
}

}  // namespace

bool is_torch(const file& from) {
  return is_legacy_torch(from) || is_torch_archive(from);
}

catalog read_torch(const file_system& files, const std::string& path) {
  catalog made;
  made.format = READ_FORMAT;
  made.path = path;
  add_file(
      files, path, [](const std::string&) { return true; }, made);
  made.metadata = made.files;
  sort_tensors(made);
  return made;
}

catalog read_torch_set(const file_system& files, const std::string& index_path) {
  return read_shard_set(files, index_path, READ_FORMAT,
                        [&](const std::string& path, const wanted_tensors& wanted, catalog& into,
                            std::map<std::string, std::string>& /*metadata*/) {
                          add_file(files, path, wanted, into);
                        });
}

}  // namespace warmstart::detail
