#pragma once

#include <functional>

#include "base/boundary.hpp"
#include "engine/load_engine.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// How the calls reach what a public engine owns.
class engine_access {
 public:
  /// Throws `invalid_argument` for an engine that was moved from, and in a forked child of the
  /// process that made it, where its threads do not exist.
  static load_engine& of(engine& e) {
    if (!e.impl_) throw error(error_code::invalid_argument, "this engine was moved from");
    if (!e.impl_->is_of_this_process()) {
      throw error(error_code::invalid_argument,
                  "this engine was made before fork, in the parent process; make another one here");
    }
    return *e.impl_;
  }
};

/// Runs `work` on the driver thread of the caller's engine, or of one made for it.
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
