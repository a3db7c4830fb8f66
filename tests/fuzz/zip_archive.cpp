// A zip archive, byte for byte: as a file, and as a part of one.

#include "formats/zip/zip_directory.hpp"
#include "fuzz/targets.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_zip_archive(std::string_view input) {
  for (const std::int64_t begin : {0, 7}) {
    memory_files files;
    const std::string all =
        std::string(static_cast<std::size_t>(begin), 'x') + std::string(input) + "tail";
    files.put("a.zip", bundle_writer::bytes_of(all));
    const auto from = files.open("a.zip", read_mode::buffered);
    (void)is_zip(*from);
    const file_range where{.begin = begin, .end = begin + std::ssize(input)};
    std::vector<zip_entry> entries;
    accepts("a.zip", [&] { entries = read_zip_directory(*from, where); });
    for (const zip_entry& one : entries) {
      std::int64_t data = 0;
      if (!accepts("a.zip", [&] { data = find_zip_data(*from, where, one); })) continue;
      require(data >= where.begin && one.size_bytes >= 0 && one.size_bytes <= where.end - data,
              "an entry leaves its archive");
    }
  }
}

}  // namespace warmstart::detail::test
