#include "formats/zip/inflater.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t INPUT_BYTES = 64 * kibibyte;

void require_memory(int status) {
  if (status == Z_OK) return;
  throw error(error_code::out_of_memory, "no memory to inflate an entry of a zip archive");
}

}  // namespace

inflater::inflater(const file& from, const deflated_entry& entry)
    : from_(&from), entry_(&entry), stream_(new z_stream{}) {
  // Negative: raw deflate data, without a zlib header.
  require_memory(inflateInit2(stream_.get(), -MAX_WBITS));
}

inflater::inflater(const inflater& at, stream_owner stream)
    : from_(at.from_),
      entry_(at.entry_),
      stream_(std::move(stream)),
      fetched_(at.consumed()),
      position_(at.position_),
      ended_(at.ended_) {
  stream_->avail_in = 0;
}

inflater inflater::copy() const {
  auto made = std::make_unique<z_stream>();
  require_memory(inflateCopy(made.get(), stream_.get()));
  return {*this, stream_owner(made.release())};
}

void inflater::read(std::span<std::byte> into) {
  while (!into.empty()) {
    if (ended_) {
      refuse(fmt::format("expected {} bytes, found {}", entry_->decoded_bytes, position_));
    }
    const std::size_t produced = step(into);
    position_ += static_cast<std::int64_t>(produced);
    into = into.subspan(produced);
  }
}

void inflater::finish() {
  std::byte more{};
  while (!ended_) {
    if (step(std::span(&more, 1)) != 0) {
      refuse(fmt::format("expected {} bytes, found more", entry_->decoded_bytes));
    }
  }
  if (consumed() == entry_->size_bytes) return;
  refuse(fmt::format("expected its end after {} stored bytes, found it after {}",
                     entry_->size_bytes, consumed()));
}

// Inflates as much as the fetched input allows. Returns the number of bytes produced.
std::size_t inflater::step(std::span<std::byte> into) {
  if (stream_->avail_in == 0) fetch();
  const auto most = static_cast<uInt>(std::min<std::size_t>(into.size(), gibibyte));
  stream_->next_out = reinterpret_cast<Bytef*>(into.data());
  stream_->avail_out = most;
  const int status = inflate(stream_.get(), Z_NO_FLUSH);
  if (status == Z_MEM_ERROR) require_memory(status);
  // Z_BUF_ERROR means no progress: the input has ended.
  if (status != Z_OK && status != Z_STREAM_END) {
    refuse(status == Z_BUF_ERROR     ? "it is cut off"
           : stream_->msg != nullptr ? stream_->msg
                                     : "it is not deflated data");
  }
  ended_ = status == Z_STREAM_END;
  return most - stream_->avail_out;
}

void inflater::fetch() {
  const std::int64_t size = std::min(INPUT_BYTES, entry_->size_bytes - fetched_);
  input_.resize(static_cast<std::size_t>(size));
  if (size != 0) from_->read(entry_->offset_bytes + fetched_, input_);
  stream_->next_in = reinterpret_cast<Bytef*>(input_.data());
  stream_->avail_in = static_cast<uInt>(size);
  fetched_ += size;
}

void inflater::refuse(const std::string& why) const {
  throw error(file_problem(error_code::corrupt, {from_->path(), entry_->offset_bytes},
                           fmt::format("deflated entry {} of {} bytes: {}", in_quotes(entry_->name),
                                       entry_->size_bytes, why)));
}

}  // namespace warmstart::detail
