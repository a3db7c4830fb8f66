// One load for all GPUs: an embedding in parts, one GPU after the other, and weights that each GPU
// has a replica of. Every byte that is needed is read once.

#include <cstdlib>
#include <iostream>
#include <vector>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: several_gpus CHECKPOINT\n";
    return 2;
  }
  std::vector<ws::device> gpus;
  for (const ws::device_info& one : ws::devices()) {
    if (one.device.kind() == ws::device_kind::cuda) gpus.push_back(one.device);
  }
  if (gpus.empty()) {
    std::cerr << "there is no GPU\n";
    return 1;
  }
  const auto parts = static_cast<std::int64_t>(gpus.size());

  ws::variable_store vars{gpus.front()};
  vars.get_variable(
      "encoder/embedding", {20, 6},
      {.partitioner = ws::fixed_size_partitioner(parts), .placement = ws::round_robin(gpus)});
  vars.get_variable("encoder/w", {5, 4}, {.placement = ws::replicated(gpus)});
  ws::init_from_checkpoint(vars, argv[1], {{"net/", "encoder/"}});

  std::cout << ws::to_string(ws::make_plan(vars)) << '\n';  // what each link will carry
  ws::run_initializers(vars);
  return ws::verify(vars).complete() ? 0 : 1;
}
