#pragma once

#include <new>
#include <string>
#include <system_error>

#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Runs the body of a public call. What the standard library throws becomes the library's `error`:
/// memory that is not there `out_of_memory`, a thread that cannot be started likewise (the system
/// has no room for it), any other failure of the system `io`.
template <class Call>
decltype(auto) at_boundary(Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    throw error(error_code::out_of_memory, "no host memory is left");
  } catch (const std::system_error& failed) {
    const bool no_room = failed.code() == std::errc::resource_unavailable_try_again ||
                         failed.code() == std::errc::not_enough_memory;
    throw error(no_room ? error_code::out_of_memory : error_code::io,
                std::string("the operating system refused: ") + failed.what());
  }
}

}  // namespace warmstart::detail
