#include "load/unused_tensors.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace warmstart::detail {
namespace {

/// One checkpoint, for which there may be several catalogs.
struct named_checkpoint {
  std::string spelled;
  const catalog* latest = nullptr;
  std::set<std::string_view> used;
};

// True for two paths to the same index, and for one path whose file was replaced between. Compares
// identities only of the operating system's files: others need not have distinct ones.
bool same_checkpoint(const catalog& a, const catalog& b) {
  if (a.file_system != b.file_system) return false;
  return a.path == b.path ||
         (!a.file_system && a.metadata.front().identity == b.metadata.front().identity);
}

}  // namespace

std::vector<unused_tensor> find_unused(const store_state& store, const store_rows& loaded) {
  std::vector<named_checkpoint> checkpoints;
  std::map<const catalog*, std::size_t> position;
  for (const opened_checkpoints::entry& opened : store.opened.all()) {
    const catalog& contents = *opened.contents;
    const auto known = std::find_if(
        checkpoints.begin(), checkpoints.end(),
        [&](const named_checkpoint& one) { return same_checkpoint(*one.latest, contents); });
    position[&contents] = static_cast<std::size_t>(known - checkpoints.begin());
    if (known == checkpoints.end()) {
      checkpoints.push_back({.spelled = opened.spelled, .latest = &contents, .used = {}});
    } else {
      known->latest = &contents;
    }
  }
  for (const row_ref& row : loaded.rows) {
    const pending_load& load = *row.part->load;
    const auto known = position.find(load.source.get());
    if (known == position.end()) continue;
    checkpoints[known->second].used.insert(load.source->tensors[load.tensor].name);
  }
  std::vector<unused_tensor> unused;
  for (const named_checkpoint& one : checkpoints) {
    for (const catalog_tensor& tensor : one.latest->tensors) {
      if (one.used.contains(tensor.name)) continue;
      unused.push_back({.checkpoint = one.spelled, .tensor = tensor.name});
    }
  }
  return unused;
}

}  // namespace warmstart::detail
