// Keys of slices: what is decoded is what its own encoding stands for.

#include "formats/tensorflow/shared/slice_key.hpp"

#include "fuzz/targets.hpp"

namespace warmstart::detail::test {

void fuzz_slice_key(std::string_view input) {
  const auto key = decode_slice_key(input);
  if (!key) return;
  require(may_be_slice_key(input), "a slice key does not begin as one");
  const std::string encoded = encode_slice_key(key->tensor, key->slice);
  require(decode_slice_key(encoded) == key, "a slice key changes when it is written again");
}

}  // namespace warmstart::detail::test
