#include "warmstart/verify.hpp"

#include <algorithm>

#include "load/engine_access.hpp"
#include "load/verification.hpp"

namespace warmstart {

using namespace detail;

std::string_view to_string(verified_by how) noexcept {
  switch (how) {
    case verified_by::no:
      return "no";
    case verified_by::loaded:
      return "loaded";
    case verified_by::stored:
      return "stored";
  }
  return "";
}

bool verification_report::complete() const noexcept {
  return damage.empty() && std::all_of(rows.begin(), rows.end(), [](const verified_row& row) {
           return !row.from_checkpoint || row.how != verified_by::no;
         });
}

verification_report verify(const variable_store& store, engine* on) {
  verification_report report;
  with_engine(on, 0, [&](load_engine& engine) {
    report = verify_rows(variable_access::state(store), engine);
  });
  return report;
}

}  // namespace warmstart
