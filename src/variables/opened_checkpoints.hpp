#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "model/catalog.hpp"

namespace warmstart::detail {

/// The checkpoints that calls have read, each once, however often it was named.
class opened_checkpoints {
 public:
  struct entry {
    std::string spelled;  ///< as the first call did
    std::shared_ptr<const catalog> contents;
  };

  /// What was last read from there (`catalog::in`, `path` and `format`), or null.
  [[nodiscard]] std::shared_ptr<const catalog> find(const std::shared_ptr<const file_system>& in,
                                                    const std::string& path,
                                                    const std::string& format) const;
  /// Does nothing if it is what `find` answers.
  void add(const std::string& spelled, std::shared_ptr<const catalog> contents);
  void clear() noexcept;

  /// In the order in which they were read.
  [[nodiscard]] std::span<const entry> all() const noexcept { return entries_; }

 private:
  std::vector<entry> entries_;
  using place = std::tuple<std::shared_ptr<const file_system>, std::string, std::string>;
  std::map<place, std::shared_ptr<const catalog>> latest_;  ///< by `in`, `path` and `format`
};

}  // namespace warmstart::detail
