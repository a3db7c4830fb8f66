#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "formats/tensorflow/slices/data_record.hpp"
#include "formats/tensorflow/slices/slices_decoder.hpp"
#include "formats/tensorflow/slices/slices_index.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// One file of a V1 checkpoint. The catalog lists it twice: as stored, and as decoded.
class member_file {
 public:
  /// Adds both files to the catalog.
  member_file(const slices_member& from, catalog& into);

  /// The extent of a record's elements; nothing after it has refused the tensor.
  std::optional<extent> place(catalog_tensor& tensor, const data_record& record,
                              std::int64_t elements);

 private:
  std::optional<extent> place_whole(catalog_tensor& tensor, const data_record& record,
                                    std::int64_t elements);
  extent place_strings(const catalog_tensor& tensor, const data_record& record);
  extent decoded(encoded_elements record);

  std::string path_;
  std::uint32_t stored_ = 0;
  std::uint32_t decoded_ = 0;
  std::shared_ptr<slices_decoder> decoder_;
};

}  // namespace warmstart::detail
