#pragma once

#include <functional>

#include "base/boundary.hpp"
#include "engine/load_engine.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Gives the library access to the implementation of a public engine.
class engine_access {
 public:
  /// Throws `invalid_argument` for a moved-from engine, and in a forked child of the process that
  /// created it, where its threads do not exist.
  static load_engine& of(engine& e) {
    if (!e.impl_) throw error(error_code::invalid_argument, "this engine was moved from");
    if (!e.impl_->is_of_this_process()) {
      throw error(error_code::invalid_argument,
                  "this engine was created before fork, in the parent process; create another one "
                  "in the child");
    }
    return *e.impl_;
  }
};

/// Runs `work` on the driver thread of `given`, or if it is null, of a temporary engine.
template <class Work>
void with_engine(engine* given, std::size_t reader_threads, Work work) {
  at_boundary([&] {
    if (given != nullptr) {
      load_engine& use = engine_access::of(*given);
      use.on_driver([&] { work(use); });
      return;
    }
    load_engine own(reader_threads);
    own.on_driver([&] { work(own); });
  });
}

}  // namespace warmstart::detail
