#include "base/file_problem.hpp"

#include <utility>

namespace warmstart::detail {

std::string to_string(const difference& between) {
  return "expected " + between.expected + ", found " + between.found;
}

problem file_problem(error_code code, const file_place& place, const std::string& why,
                     const std::string& tensor) {
  problem made;
  made.code = code;
  made.message = place.path;
  if (place.offset_bytes >= 0) made.message += ", offset " + std::to_string(place.offset_bytes);
  if (!place.part.empty()) made.message += ", " + place.part;
  made.message += ": " + why;
  made.tensor = tensor;
  made.file = place.path;
  made.offset_bytes = place.offset_bytes;
  return made;
}

problem file_difference(error_code code, const file_place& place, const std::string& what,
                        const difference& between, const std::string& tensor) {
  const std::string subject = what.empty() ? what : what + ": ";
  problem made = file_problem(code, place, subject + to_string(between), tensor);
  made.expected = between.expected;
  made.found = between.found;
  return made;
}

}  // namespace warmstart::detail
