#pragma once

namespace warmstart::detail {

/// Makes a device current on a thread of this library and leaves it current: restoring the previous
/// device would create a context on it. Also exempts the thread from the restrictions of graph
/// captures on other threads (`cudaStreamCaptureModeRelaxed`). Throws `device` if the device cannot
/// be used.
void use_device(int index);

}  // namespace warmstart::detail
