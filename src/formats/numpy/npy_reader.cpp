#include "formats/numpy/npy_reader.hpp"

#include <array>
#include <span>
#include <string_view>

#include "formats/numpy/npy_array.hpp"
#include "formats/numpy/npy_header.hpp"

namespace warmstart::detail {
namespace {

std::string npy_stem_of(const std::string& path) {
  constexpr std::string_view ENDING = ".npy";
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(ENDING)) name.resize(name.size() - ENDING.size());
  return name;
}

}  // namespace

bool is_npy(const file& from) {
  std::array<char, NPY_MAGIC.size()> begin{};
  if (from.identity().size_bytes < std::ssize(begin)) return false;
  from.read(0, std::as_writable_bytes(std::span(begin)));
  return std::string_view(begin.data(), begin.size()) == NPY_MAGIC;
}

catalog read_npy(const file_system& files, const std::string& path) {
  const auto from = files.open(path, read_mode::buffered);
  catalog made;
  made.format = "npy";
  made.path = path;
  made.files.push_back({.path = path, .identity = from->identity()});
  made.metadata = made.files;
  const npy_array array =
      read_npy_array(*from, {.begin = 0, .end = made.files[0].identity.size_bytes});
  add_npy_tensor(made, npy_stem_of(path), array, 0, array.data.end, {});
  return made;
}

}  // namespace warmstart::detail
