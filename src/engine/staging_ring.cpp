#include "engine/staging_ring.hpp"

namespace warmstart {

void staging_ring::prepare(std::int64_t slot_bytes, std::int64_t slot_count, backend& source) {
  const auto size_bytes = static_cast<std::size_t>(slot_bytes * slot_count);
  if (!memory_ || memory_->bytes().size() != size_bytes || made_for_ != source.which()) {
    memory_.reset();  // before the new memory, or both would count
    memory_ = source.allocate_staging(size_bytes);
    made_for_ = source.which();
  }
  slot_bytes_ = static_cast<std::size_t>(slot_bytes);
  slot_count_ = static_cast<std::size_t>(slot_count);
}

}  // namespace warmstart
