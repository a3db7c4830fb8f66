#pragma once

namespace warmstart {

/// Lets copies to device `reader` take what device `owner` has straight from there, if the machine
/// can. Throws `device`.
void allow_peer_access(int reader, int owner);

}  // namespace warmstart
