#include "warmstart/verify.hpp"

#include <algorithm>

#include "load/engine_access.hpp"
#include "load/verification.hpp"

namespace warmstart {

using namespace detail;

std::string_view to_string(verified_by checksum) noexcept {
  switch (checksum) {
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
           return !row.from_checkpoint || row.verified != verified_by::no;
         });
}

verification_report verify(const variable_store& store, engine* engine) {
  verification_report report;
  with_engine(engine, 0, [&](load_engine& used) {
    report = verify_rows(variable_access::state(store), used);
  });
  return report;
}

}  // namespace warmstart
