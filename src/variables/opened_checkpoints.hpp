#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "model/catalog.hpp"

namespace warmstart::detail {

/// The checkpoints that calls have opened, each once.
class opened_checkpoints {
 public:
  struct entry {
    std::string spelled;  ///< path as the first call spelled it
    std::shared_ptr<const catalog> contents;
  };

  /// The catalog that was last read with these values of `catalog::in`, `path` and `format`, or
  /// null.
  [[nodiscard]] std::shared_ptr<const catalog> find(const std::shared_ptr<const file_system>& in,
                                                    const std::string& path,
                                                    const std::string& format) const;
  /// Adds a catalog, unless it is the one that `find` returns.
  void add(const std::string& spelled, std::shared_ptr<const catalog> contents);
  void clear() noexcept;

  /// All catalogs, in the order in which they were read.
  [[nodiscard]] std::span<const entry> all() const noexcept { return entries_; }

 private:
  std::vector<entry> entries_;
  using place = std::tuple<std::shared_ptr<const file_system>, std::string, std::string>;
  std::map<place, std::shared_ptr<const catalog>> latest_;  ///< by `in`, `path` and `format`
};

}  // namespace warmstart::detail
