#pragma once

#include <functional>

#include "engine/load_engine.hpp"
#include "warmstart/engine.hpp"

namespace warmstart {

/// How the calls reach what a public engine owns.
class engine_access {
 public:
  static load_engine& of(engine& e) { return *e.impl_; }
};

/// Runs `work` on the driver thread of the caller's engine, or of one made for it.
template <class Work>
void with_engine(engine* given, std::size_t reader_threads, Work work) {
  if (given != nullptr) {
    load_engine& use = engine_access::of(*given);
    use.on_driver([&] { work(use); });
    return;
  }
  load_engine own(reader_threads);
  own.on_driver([&] { work(own); });
}

}  // namespace warmstart
