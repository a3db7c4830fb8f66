#include "load/load_record.hpp"

#include <algorithm>
#include <utility>

namespace warmstart::detail {
namespace {

/// Copies the used entries of a list once each, and maps old indexes to new ones.
class renumbering {
 public:
  explicit renumbering(std::size_t count) : fresh_(count, UNUSED) {}

  template <class T, class Copy>
  std::uint32_t operator()(std::uint32_t old, std::vector<T>& into, Copy copy) {
    if (fresh_[old] == UNUSED) {
      T made = copy(old);
      fresh_[old] = static_cast<std::uint32_t>(into.size());
      into.push_back(std::move(made));
    }
    return fresh_[old];
  }

 private:
  static constexpr std::uint32_t UNUSED = UINT32_MAX;
  std::vector<std::uint32_t> fresh_;
};

}  // namespace

load_record make_load_record(const transfer_plan& plan, std::vector<std::uint32_t> expected) {
  load_record made;
  made.plan.row_checks = plan.row_checks;
  if (std::find(plan.row_checks.begin(), plan.row_checks.end(), row_check::loaded) !=
      plan.row_checks.end()) {
    made.expected = std::move(expected);
  }
  if (plan.checks.empty()) return made;
  renumbering files(plan.files.size());
  renumbering extents(plan.extents.size());
  // Leave out the decoder: it may be large, and verification does not read files.
  const auto copy_file = [&](std::uint32_t old) {
    return catalog_file{.path = plan.files[old].path, .identity = plan.files[old].identity};
  };
  const auto copy_extent = [&](std::uint32_t old) {
    plan_extent one = plan.extents[old];
    one.file = files(one.file, made.plan.files, copy_file);
    return one;
  };
  for (const composed_check& check : plan.checks) {
    const auto begin = static_cast<std::uint32_t>(made.plan.check_demands.size());
    for (const std::uint32_t old : transfer_plan::part(plan.check_demands, check.demands)) {
      demand one = plan.demands[old];
      one.extent = extents(one.extent, made.plan.extents, copy_extent);
      made.plan.check_demands.push_back(static_cast<std::uint32_t>(made.plan.demands.size()));
      made.plan.demands.push_back(std::move(one));
    }
    const auto end = static_cast<std::uint32_t>(made.plan.check_demands.size());
    made.plan.checks.push_back({.extent = extents(check.extent, made.plan.extents, copy_extent),
                                .demands = {.begin = begin, .end = end}});
  }
  return made;
}

const load_record* record_of(const replica_state& replica) noexcept {
  return static_cast<const load_record*>(replica.record.get());
}

}  // namespace warmstart::detail
