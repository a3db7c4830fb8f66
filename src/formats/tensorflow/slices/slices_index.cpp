#include "formats/tensorflow/slices/slices_index.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/slices/slices_records.hpp"
#include "formats/tensorflow/sstable/table_scan.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Reads the keys of a table. Returns the record that lists the tensors.
std::string scan(const file& table, slices_member& into) {
  std::optional<std::string> meta;
  const auto visit = [&](const scanned_entry& entry) {
    if (entry.key.empty()) {
      meta = entry.value;
    } else {
      into.records.emplace_hint(into.records.end(), entry.key, record_of(entry));
    }
  };
  scan_table(table, visit, [&](const error& bad) {
    if (into.damage.empty()) into.damage = bad.what();
  });
  if (meta) return *meta;
  if (!into.damage.empty()) throw error(error_code::corrupt, into.damage);
  throw error(file_problem(error_code::corrupt, {into.path},
                           "there is no record that lists tensor slices (empty key)"));
}

void merge(slices_meta one, std::size_t from, slices_index& into) {
  const auto [known, fresh] = into.tensors.try_emplace(std::move(one.name));
  listed_tensor& listed = known->second;
  if (fresh) {
    listed.full_shape = one.full_shape;
    listed.type_number = one.type_number;
  } else if (listed.full_shape != one.full_shape || listed.type_number != one.type_number) {
    listed.contradiction = fmt::format(
        "{}: tensor {}: expected dtype {} and shape {}, as other files have it, found {} and {}",
        into.members[from].path, in_quotes(known->first), listed.type_number,
        to_string(listed.full_shape), one.type_number, to_string(one.full_shape));
    return;
  }
  for (slice& spelled : one.slices) {
    listed.slices.push_back({.spelled = std::move(spelled), .member = from});
  }
}

}  // namespace

slices_index read_slices_index(const file_system& files, const std::vector<std::string>& members) {
  slices_index made;
  for (const std::string& path : members) {
    const auto table = files.open(path, read_mode::buffered);
    made.members.push_back(
        {.path = path, .identity = table->identity(), .records = {}, .damage = {}});
    const std::string meta = scan(*table, made.members.back());
    for (slices_meta& one : parse_slices_meta(meta, {.path = path, .part = "empty key"})) {
      merge(std::move(one), made.members.size() - 1, made);
    }
  }
  return made;
}

}  // namespace warmstart::detail
