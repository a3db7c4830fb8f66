#include "variables/opened_checkpoints.hpp"

#include <utility>

namespace warmstart::detail {

std::shared_ptr<const catalog> opened_checkpoints::find(
    const std::shared_ptr<const file_system>& in, const std::string& path,
    const std::string& format) const {
  const auto found = latest_.find({in, path, format});
  return found == latest_.end() ? nullptr : found->second;
}

void opened_checkpoints::add(const std::string& spelled, std::shared_ptr<const catalog> contents) {
  std::shared_ptr<const catalog>& latest =
      latest_[{contents->file_system, contents->path, contents->format}];
  if (latest == contents) return;
  entries_.push_back({.spelled = spelled, .contents = contents});
  latest = std::move(contents);
}

void opened_checkpoints::clear() noexcept {
  entries_.clear();
  latest_.clear();
}

}  // namespace warmstart::detail
