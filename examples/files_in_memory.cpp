// Loads a checkpoint whose files are not in the operating system's file system: here they are in
// memory, as they would be after a download or out of an archive.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

namespace {

using contents = std::vector<char>;

class memory_file final : public ws::file {
 public:
  memory_file(std::string path, const contents& bytes) : path_(std::move(path)), bytes_(bytes) {}

  const std::string& path() const noexcept override { return path_; }
  ws::file_identity identity() const override {
    return {.size_bytes = static_cast<std::int64_t>(bytes_.size())};
  }
  void read(std::int64_t offset, std::span<const std::span<std::byte>> buffers) const override {
    for (const std::span<std::byte> buffer : buffers) {
      const auto begin = static_cast<std::size_t>(offset);
      if (begin > bytes_.size() || bytes_.size() - begin < buffer.size()) {
        throw ws::error(ws::error_code::corrupt, path_ + " ends too early");
      }
      const auto from = std::as_bytes(std::span(bytes_)).subspan(begin);
      std::copy_n(from.begin(), buffer.size(), buffer.begin());
      offset += static_cast<std::int64_t>(buffer.size());
    }
  }
  using ws::file::read;

 private:
  std::string path_;
  const contents& bytes_;
};

class memory_files final : public ws::file_system {
 public:
  explicit memory_files(std::map<std::string, contents> files) : files_(std::move(files)) {}

  ws::file_identity identify(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return {};
    return {.size_bytes = static_cast<std::int64_t>(found->second.size())};
  }
  std::unique_ptr<ws::file> open(const std::string& path, ws::read_mode mode) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) throw ws::error(ws::error_code::not_found, path + " is not there");
    if (mode == ws::read_mode::direct) {
      throw ws::error(ws::error_code::unsupported, "memory has no direct reads");
    }
    return std::make_unique<memory_file>(path, found->second);
  }

 private:
  std::map<std::string, contents> files_;
};

contents read_all(const std::string& path) {
  std::ifstream from(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " PREFIX    of a TensorFlow checkpoint of one shard\n";
    return 2;
  }
  try {
    const std::string prefix = argv[1];
    std::map<std::string, contents> downloaded;
    downloaded["model.index"] = read_all(prefix + ".index");
    downloaded["model.data-00000-of-00001"] = read_all(prefix + ".data-00000-of-00001");
    const auto files = std::make_shared<memory_files>(std::move(downloaded));

    const auto model = ws::load_checkpoint("model", ws::device::host(), {}, files);
    for (const ws::variable& v : model.variables.variables()) {
      std::cout << v.name() << ' ' << to_string(v.shape()) << '\n';
    }
    std::cout << (ws::verify(model.variables).complete() ? "verified\n" : "not verified\n");
  } catch (const ws::error& bad) {
    std::cerr << bad.what() << '\n';
    return 1;
  }
}
