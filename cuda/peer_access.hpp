#pragma once

namespace warmstart::detail {

/// Lets device `reader` copy directly from device `owner`. If the machine cannot, or if `reader`
/// has too many peers already, peer copies pass through the host instead. Leaves `reader` current.
/// Throws `device`.
void allow_peer_access(int reader, int owner);

}  // namespace warmstart::detail
