#include "formats/tensorflow/slices/slices_decoder.hpp"

#include <fmt/format.h>

#include <mutex>
#include <span>
#include <utility>

#include "base/file_problem.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class decoded_file final : public file {
 public:
  decoded_file(std::unique_ptr<file> stored, const std::vector<encoded_elements>& records,
               const decoded_layout& layout, read_mode mode)
      : stored_(std::move(stored)),
        records_(records),
        layout_(layout),
        mode_(mode),
        decoders_(records.size()) {}

  [[nodiscard]] const std::string& path() const noexcept override { return stored_->path(); }
  [[nodiscard]] file_identity identity() const override { return stored_->identity(); }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    const auto [index, begin] = layout_.find(offset_bytes);
    const destination to(begin, buffers);
    if (mode_ != read_mode::direct && to.end() > records_[index].decoded_bytes()) {
      const std::string& tensor = records_[index].tensor;
      throw error(file_difference(error_code::corrupt, {path()}, "the elements of tensor " + tensor,
                                  {.expected = fmt::format("{} bytes", to.end()),
                                   .found = fmt::format("{}", records_[index].decoded_bytes())},
                                  tensor));
    }
    decoder_of(index).read(to);
  }

 private:
  [[nodiscard]] record_decoder& decoder_of(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    auto& made = decoders_[index];
    if (!made) made = std::make_unique<record_decoder>(*stored_, records_[index]);
    return *made;
  }

  std::unique_ptr<file> stored_;
  const std::vector<encoded_elements>& records_;
  const decoded_layout& layout_;
  read_mode mode_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<record_decoder>> decoders_;
};

}  // namespace

std::int64_t slices_decoder::add(encoded_elements record) {
  const std::int64_t offset = layout_.add(record.decoded_bytes());
  if (offset < 0) {
    throw error(
        file_problem(error_code::corrupt, {path_},
                     fmt::format("tensor {}: {} bytes of elements are more than a file can have",
                                 record.tensor, record.decoded_bytes()),
                     record.tensor));
  }
  records_.push_back(std::move(record));
  return offset;
}

std::unique_ptr<file> slices_decoder::open(const file_system& files, read_mode mode) const {
  return std::make_unique<decoded_file>(files.open(path_, read_mode::buffered), records_, layout_,
                                        mode);
}

}  // namespace warmstart::detail
