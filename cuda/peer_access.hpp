#pragma once

namespace warmstart::detail {

/// Lets copies to device `reader` take what device `owner` has straight from there, if the machine
/// can and `reader` has not too many peers already; otherwise they pass through the host. Leaves
/// `reader` current. Throws `device`.
void allow_peer_access(int reader, int owner);

}  // namespace warmstart::detail
