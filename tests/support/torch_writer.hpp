#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/pickle_writer.hpp"
#include "support/zip_writer.hpp"

namespace warmstart::detail::test {

/// Files of torch.save, assembled by hand.
class torch_writer {
 public:
  /// The persistent id of a storage, whose key is its number.
  std::string storage(const std::string& type, std::int64_t elements, const std::string& bytes) {
    storages_.push_back(bytes);
    return storage_id("torch", type, std::to_string(storages_.size() - 1), elements);
  }
  /// The persistent id of a storage that may be absent. Only legacy files have `view`.
  static std::string storage_id(const std::string& module, const std::string& type,
                                const std::string& key, std::int64_t elements,
                                const std::string& view = "") {
    return pickled::tuple(pickled::text("storage") + pickled::symbol(module, type) +
                          pickled::text(key) + pickled::text("cpu") + pickled::integer(elements) +
                          view) +
           'Q';
  }

  /// `rest`: what follows the hooks.
  static std::string tensor(const std::string& storage, std::int64_t first,
                            const std::vector<std::int64_t>& sizes,
                            const std::vector<std::int64_t>& strides, const std::string& rest = "",
                            const std::string& function = "_rebuild_tensor_v2") {
    return pickled::call(pickled::symbol("torch._utils", function),
                         storage + pickled::integer(first) + pickled::integers(sizes) +
                             pickled::integers(strides) + pickled::NO + HOOKS + rest);
  }

  /// An archive of what opcodes make.
  [[nodiscard]] std::string archive(const std::string& opcodes) const {
    return entries(opcodes).finish();
  }
  /// The same, to be changed.
  [[nodiscard]] zip_writer entries(const std::string& opcodes) const {
    zip_writer made;
    made.add("m/data.pkl", pickled::program(opcodes));
    for (std::size_t i = 0; i < storages_.size(); ++i) {
      made.add("m/data/" + std::to_string(i), storages_[i]);
    }
    made.add("m/version", "3\n");
    return made;
  }

  /// The format that torch wrote before archives.
  [[nodiscard]] std::string legacy(const std::string& opcodes,
                                   const std::vector<std::int64_t>& elements) const {
    std::string made("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);
    std::string keys;
    std::string data;
    for (std::size_t i = 0; i < storages_.size(); ++i) {
      keys += pickled::text(std::to_string(i));
      data += little_endian(static_cast<std::uint64_t>(elements[i]), 8) + storages_[i];
    }
    return made + pickled::program(pickled::integer(1001)) +
           pickled::program(pickled::dict(pickled::text("little_endian") + pickled::YES)) +
           pickled::program(opcodes) + pickled::program(pickled::list(keys)) + data;
  }

  inline static const std::string HOOKS = "ccollections\nOrderedDict\n)R";

 private:
  std::vector<std::string> storages_;
};

}  // namespace warmstart::detail::test
