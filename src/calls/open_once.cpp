#include "calls/open_once.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "formats/open_checkpoint.hpp"

namespace warmstart {
namespace {

// Where data and metadata are in the same files, they are listed twice.
bool is_unchanged(const file_system& files, const catalog& known) {
  std::unordered_set<std::string_view> seen;
  const auto same = [&](const catalog_file& one) {
    return !seen.insert(one.path).second || files.identify(one.path) == one.identity;
  };
  return std::all_of(known.metadata.begin(), known.metadata.end(), same) &&
         std::all_of(known.files.begin(), known.files.end(), same);
}

// Another file may match the pattern by now.
bool has_same_members(const located_checkpoint& found, const catalog& known) {
  return found.members.empty() ||
         std::equal(found.members.begin(), found.members.end(), known.metadata.begin(),
                    known.metadata.end(), [](const std::string& path, const catalog_file& one) {
                      return path == one.path;
                    });
}

}  // namespace

std::shared_ptr<const catalog> open_once(const file_system& files, const opened_checkpoints& opened,
                                         const std::string& path, const std::string& format) {
  const located_checkpoint found = locate_checkpoint(files, path, format);
  auto known = opened.find(found.path, found.format);
  if (known != nullptr && has_same_members(found, *known) && is_unchanged(files, *known)) {
    return known;
  }
  return std::make_shared<const catalog>(read_catalog(files, found));
}

}  // namespace warmstart
