#include "formats/registry/open_checkpoint.hpp"

#include <algorithm>
#include <string_view>

#include "base/file_problem.hpp"
#include "formats/dcp/dcp_reader.hpp"
#include "formats/registry/file_formats.hpp"
#include "formats/registry/format_names.hpp"
#include "formats/safetensors/sharded_reader.hpp"
#include "formats/sidecar/sidecar.hpp"
#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "formats/tensorflow/shared/state_file.hpp"
#include "formats/tensorflow/slices/slices_reader.hpp"
#include "io/matching_paths.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

catalog read_files(const file_system& files, const located_checkpoint& where) {
  if (where.format == DCP) return read_dcp(files, where.path);
  if (!where.members.empty()) return read_sharded_safetensors(files, where.path, where.members);
  const file_format& of = *find_file_format(where.format);
  return of.is_set(where.path) ? of.read_set(files, where.path) : of.read(files, where.path);
}

catalog read_other_format(const file_system& files, const located_checkpoint& where) {
  catalog made = read_files(files, where);
  made.allow_dots_as_slashes();
  return made;
}

string_pieces decode_pieces(const file_system& files, const catalog& source,
                            const catalog_tensor& tensor) {
  return source.format == TENSOR_SLICES ? decode_slices_strings(files, source, tensor)
                                        : decode_bundle_strings(files, source, tensor);
}

}  // namespace

bool has_checksums(const catalog& of) noexcept {
  return std::any_of(of.extents.begin(), of.extents.end(),
                     [](const extent& one) { return one.checksum.kind != checksum_kind::none; });
}

catalog read_catalog(const file_system& files, const located_checkpoint& where) {
  if (where.format == TENSOR_SLICES) return read_slices(files, where.path, where.members);
  if (where.format == TENSOR_BUNDLE) return read_bundle(files, where.path);
  catalog made = read_other_format(files, where);
  if (!has_checksums(made)) use_sidecar(files, made);
  return made;
}

catalog read_catalog_to_sum(const file_system& files, const located_checkpoint& where) {
  const bool tensorflow = where.format == TENSOR_SLICES || where.format == TENSOR_BUNDLE;
  catalog made = tensorflow ? catalog() : read_other_format(files, where);
  if (tensorflow || has_checksums(made)) {
    throw error(file_problem(error_code::unsupported, {where.path},
                             "the format " + where.format + " already stores checksums"));
  }
  return made;
}

std::vector<std::string> read_strings(const file_system& files, const catalog& source,
                                      const catalog_tensor& tensor) {
  return assemble_strings(tensor, decode_pieces(files, source, tensor));
}

void check_encoded(const file_system& files, const catalog& source, const catalog_tensor& tensor) {
  if (tensor.type == dtype::string) {
    (void)decode_pieces(files, source, tensor);
  } else if (tensor.type == dtype::variant) {
    check_bundle_variants(files, source, tensor);
  } else {
    throw error({.code = tensor.refusal.code,
                 .message = "tensor " + tensor.name + ": " + tensor.refusal.reason,
                 .variable = {},
                 .tensor = tensor.name});
  }
}

std::optional<std::string> find_latest_checkpoint(const file_system& files,
                                                  const std::string& directory) {
  auto named = newest_checkpoint_path(files, directory);
  if (!named || files.is_regular(*named + ".index")) return named;
  const bool there = files.is_regular(*named) || !matching_paths(files, *named).empty();
  return there ? named : std::nullopt;
}

}  // namespace warmstart::detail
