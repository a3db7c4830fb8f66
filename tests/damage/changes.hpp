#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

namespace warmstart::detail::test {

/// Visits a text cut at every length below its own.
template <class Visit>
void for_each_cut(const std::string& text, Visit visit) {
  for (std::size_t size = 0; size < text.size(); ++size) visit(text.substr(0, size));
}

/// Visits a text with each of its bits flipped.
template <class Visit>
void for_each_flip(const std::string& text, Visit visit) {
  std::string flipped = text;
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    flipped[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    visit(std::as_const(flipped));
    flipped[bit / 8] = text[bit / 8];
  }
}

/// Gives a file that is there other contents. In place: a file that is made anew every time costs
/// some file systems a write to the disk.
inline void overwrite_file(const std::string& path, std::string_view contents) {
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out) << contents;
  std::filesystem::resize_file(path, contents.size());
}

}  // namespace warmstart::detail::test
