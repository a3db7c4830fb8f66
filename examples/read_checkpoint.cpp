// Reads a checkpoint on the host: what is in it, a whole tensor, and a slice of one.

#include <cstring>
#include <iostream>
#include <warmstart/checkpoint.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: read_checkpoint CHECKPOINT\n";
    return 2;
  }
  const auto reader = ws::checkpoint::open(argv[1]);
  for (const ws::tensor_info& tensor : reader.tensors()) {
    std::cout << tensor.name << ' ' << name_of(tensor.type) << to_string(tensor.full_shape) << '\n';
  }

  std::int64_t step = 0;
  std::memcpy(&step, reader.read("global_step").bytes.data(), sizeof(step));
  const ws::host_tensor rows = reader.read("net/embedding", ws::slice::parse("4,3:-"));
  std::cout << "step " << step << ", rows 4 to 6 of the embedding: " << to_string(rows.shape)
            << '\n';
  return step == 3 && rows.shape == ws::shape{3, 6} ? 0 : 1;
}
