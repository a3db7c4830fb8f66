#pragma once

#include <memory>
#include <utility>

#include "warmstart/error.hpp"
#include "warmstart/memory.hpp"

namespace warmstart::testkit {

/// Returns the source of a wrapping resource. Throws `invalid_argument` if it is null.
inline std::shared_ptr<memory_resource> required_source(std::shared_ptr<memory_resource> source) {
  if (!source)
    throw error(error_code::invalid_argument,
                "a memory resource needs a source: expected one, found null");
  return source;
}

}  // namespace warmstart::testkit
