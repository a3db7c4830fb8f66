#include "link_ceiling.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

struct link_ceiling::state {};

link_ceiling::link_ceiling(const device& /*to*/, std::int64_t /*size_bytes*/) {
  throw error(error_code::device, "built without CUDA");
}
link_ceiling::~link_ceiling() = default;
void link_ceiling::copy() {}

}  // namespace warmstart::detail
