#pragma once

namespace warmstart::detail {

/// Makes a device the current one of a thread of this library, and leaves it so: to go back to the
/// device that was current before would create a context on that one, however unused. Also exempts
/// the thread from the restrictions that graph captures by other threads impose
/// (`cudaStreamCaptureModeRelaxed`). Throws `device` if the device cannot be used.
void use_device(int index);

}  // namespace warmstart::detail
