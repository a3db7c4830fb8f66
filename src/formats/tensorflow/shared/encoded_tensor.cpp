#include "formats/tensorflow/shared/encoded_tensor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/file_problem.hpp"
#include "model/open_file.hpp"
#include "tensor/box.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

[[noreturn]] void refuse_tensor(const catalog_tensor& tensor, error_code code,
                                const std::string& why) {
  throw error({.code = code,
               .message = "tensor " + tensor.name + ": " + why,
               .variable = {},
               .tensor = tensor.name});
}

}  // namespace

void require_encoded(const catalog_tensor& tensor) {
  // `mismatch` only says that it cannot be a variable; any other refusal concerns its bytes.
  if (tensor.refusal.code != error_code::mismatch) {
    refuse_tensor(tensor, tensor.refusal.code, tensor.refusal.reason);
  }
  if (tensor.swapped && tensor.type != dtype::string) {
    refuse_tensor(tensor, error_code::unsupported,
                  "a variant tensor in the other byte order cannot be read");
  }
}

void refuse_encoded(const catalog& source, const catalog_tensor& tensor, const extent& stored,
                    const std::string& why) {
  throw error(file_problem(error_code::corrupt,
                           {source.files[stored.file].path, stored.offset_bytes},
                           fmt::format("{} tensor {} of {} bytes: {}", name_of(tensor.type),
                                       tensor.name, stored.size_bytes, why),
                           tensor.name));
}

std::string read_encoded_payload(const file_system& files, const catalog& source,
                                 const stored_piece& piece) {
  const extent& stored = source.extents[piece.extent];
  const auto from = open_file(files, source.files[stored.file], read_mode::buffered);
  std::string payload(static_cast<std::size_t>(stored.size_bytes), '\0');
  from->read(stored.offset_bytes, std::as_writable_bytes(std::span(payload)));
  return payload;
}

string_pieces decode_strings(
    const catalog_tensor& tensor,
    const std::function<std::vector<std::string>(const stored_piece&)>& decode) {
  if (tensor.type != dtype::string) {
    refuse_tensor(tensor, error_code::mismatch,
                  "expected a string tensor, found " + std::string(name_of(tensor.type)));
  }
  require_encoded(tensor);
  string_pieces pieces;
  for (const stored_piece& piece : tensor.pieces) pieces.push_back(decode(piece));
  return pieces;
}

std::vector<std::string> assemble_strings(const catalog_tensor& tensor, string_pieces pieces) {
  const slice whole = slice::all_of(tensor.full_shape);
  if (const std::int64_t missing = missing_elements(tensor, whole); missing != 0) {
    refuse_tensor(tensor, error_code::mismatch,
                  "its slices leave gaps: " + std::to_string(missing) + " elements are not stored");
  }
  if (pieces.size() == 1) return std::move(pieces[0]);
  // No gaps: the count equals that of the decoded strings, so no claimed size is trusted.
  std::vector<std::string> all(static_cast<std::size_t>(tensor.full_shape.element_count()));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const slice& where = tensor.pieces[i].slice;
    const box part = make_box(where, whole, where);
    for_each_run(part, [&](std::int64_t from, std::int64_t to) {
      std::move(pieces[i].begin() + from, pieces[i].begin() + from + part.run, all.begin() + to);
    });
  }
  return all;
}

}  // namespace warmstart::detail
