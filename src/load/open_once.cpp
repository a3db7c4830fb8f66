#include "load/open_once.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {
namespace {

// A file with both data and metadata is listed twice.
bool is_unchanged(const file_system& files, const catalog& known) {
  std::unordered_set<std::string_view> seen;
  const auto same = [&](const catalog_file& one) {
    return !seen.insert(one.path).second || files.identify(one.path) == one.identity;
  };
  return std::all_of(known.metadata.begin(), known.metadata.end(), same) &&
         std::all_of(known.files.begin(), known.files.end(), same);
}

// More files may match a pattern than before.
bool has_same_members(const located_checkpoint& found, const catalog& known) {
  return found.members.empty() ||
         std::equal(found.members.begin(), found.members.end(), known.metadata.begin(),
                    known.metadata.end(), [](const std::string& path, const catalog_file& one) {
                      return path == one.path;
                    });
}

}  // namespace

std::shared_ptr<const file_system> or_system_files(std::shared_ptr<const file_system> given) {
  return given ? std::move(given) : system_files();
}

void place_files(catalog& opened, const std::shared_ptr<const file_system>& in) {
  opened.file_system = in;
  for (catalog_file& one : opened.files) one.file_system = in;
  for (catalog_file& one : opened.metadata) one.file_system = in;
}

std::shared_ptr<const catalog> open_catalog(const std::shared_ptr<const file_system>& in,
                                            const located_checkpoint& found) {
  catalog made = read_catalog(*or_system_files(in), found);
  place_files(made, in);
  return std::make_shared<const catalog>(std::move(made));
}

std::shared_ptr<const catalog> open_once(const std::shared_ptr<const file_system>& in,
                                         const opened_checkpoints& opened, const std::string& path,
                                         const std::string& format) {
  const auto files = or_system_files(in);
  const located_checkpoint found = locate_checkpoint(*files, path, format);
  auto known = opened.find(in, found.path, found.format);
  if (known != nullptr && has_same_members(found, *known) && is_unchanged(*files, *known)) {
    return known;
  }
  return open_catalog(in, found);
}

}  // namespace warmstart::detail
