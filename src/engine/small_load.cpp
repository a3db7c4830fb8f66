#include "engine/small_load.hpp"

#include "engine/pipeline.hpp"
#include "engine/staging_pool.hpp"

namespace warmstart::detail {

load_result load_on_this_thread(const load_request& request) {
  const auto host = make_host_backend();
  staging_pool staging;
  const auto lease =
      request.plan->chunks_with_slots() > 0
          ? staging.lend(
                *request.plan, *host, [&](const device& /*on*/) -> backend& { return *host; }, true)
          : std::make_shared<staging_lease>();
  pipeline one(request, *lease, nullptr);
  one.read();
  one.drive();
  return one.result();
}

}  // namespace warmstart::detail
