#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/pickle_writer.hpp"
#include "support/torch_writer.hpp"

namespace warmstart::detail::test {

/// `.metadata` of distributed checkpoints, and the chunks that it lists.
class dcp_writer {
 public:
  struct chunk {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> sizes;
    std::string file = "__0_0.distcp";
    std::int64_t offset_bytes = 0;
    std::int64_t size_bytes = 0;
    std::string transforms = {};  ///< opcodes
    bool placed = true;
  };

  /// A float32 tensor.
  dcp_writer& tensor(const std::string& name, const std::vector<std::int64_t>& sizes,
                     const std::vector<chunk>& chunks) {
    std::string list;
    for (const chunk& one : chunks) {
      list += object("ChunkStorageMetadata",
                     field("offsets", size(one.offsets)) + field("sizes", size(one.sizes)));
      if (one.placed) place(name, one);
    }
    const std::string properties = pickled::symbol(MODULE, "TensorProperties") + ")\x81" +
                                   pickled::tuple(pickled::symbol("torch", "float32") + "NNNNN") +
                                   'b';
    tensors_ +=
        pickled::text(name) + object("TensorStorageMetadata",
                                     field("properties", properties) + field("size", size(sizes)) +
                                         field("chunks", pickled::list(list)));
    return *this;
  }

  [[nodiscard]] std::string metadata() const {
    const std::string no_tensor =
        pickled::text("step") + pickled::symbol(MODULE, "BytesStorageMetadata") + ")\x81";
    return pickled::program(
        object("Metadata", field("state_dict_metadata", pickled::dict(tensors_ + no_tensor)) +
                               field("storage_data", pickled::dict(places_)) +
                               field("planner_data", "N")));
  }

  /// The floats that a rank saves for a chunk.
  static std::string blob(const std::vector<std::int64_t>& sizes, const std::string& bytes) {
    torch_writer writer;
    const std::string id =
        writer.storage("FloatStorage", static_cast<std::int64_t>(bytes.size() / 4), bytes);
    std::vector<std::int64_t> strides(sizes.size());
    std::int64_t stride = 1;
    for (std::size_t d = sizes.size(); d-- > 0; stride *= sizes[d]) strides[d] = stride;
    return writer.archive(torch_writer::tensor(id, 0, sizes, strides));
  }

 private:
  static constexpr auto MODULE = "torch.distributed.checkpoint.metadata";

  static std::string field(const std::string& name, const std::string& value) {
    return pickled::text(name) + value;
  }
  static std::string object(const std::string& name, const std::string& fields,
                            const char* module = MODULE) {
    return pickled::symbol(module, name) + ")\x81" + pickled::dict(fields) + 'b';
  }
  static std::string size(const std::vector<std::int64_t>& sizes) {
    return pickled::call(pickled::symbol("torch", "Size"), pickled::integers(sizes));
  }

  void place(const std::string& name, const chunk& one) {
    places_ +=
        object("MetadataIndex", field("fqn", pickled::text(name)) +
                                    field("offset", size(one.offsets)) + field("index", "N"));
    places_ +=
        object("_StorageInfo",
               field("relative_path", pickled::text(one.file)) +
                   field("offset", pickled::integer(one.offset_bytes)) +
                   field("length", pickled::integer(one.size_bytes)) +
                   (one.transforms.empty() ? "" : field("transform_descriptors", one.transforms)),
               "torch.distributed.checkpoint.filesystem");
  }

  std::string tensors_;
  std::string places_;
};

}  // namespace warmstart::detail::test
