// The shortest use: the variables of one scope take their values from a checkpoint.

#include <iostream>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: quick_start CHECKPOINT\n";
    return 2;
  }
  ws::variable_store vars{ws::device::best()};  // cuda:0, or the host if there is no GPU
  ws::variable w = vars.get_variable("encoder/w", {5, 4});
  vars.get_variable("encoder/embedding", {20, 6}, {.partitioner = ws::fixed_size_partitioner(3)});

  ws::init_from_checkpoint(vars, argv[1], {{"net/", "encoder/"}});  // checks shapes and dtypes
  ws::load_report report = ws::run_initializers(vars);              // reads each byte once
  bool intact = ws::verify(vars).complete();                        // checks device memory
  float* weights = w.data<float>();                                 // for your kernels

  std::cout << to_string(report) << (intact ? "verified\n" : "not verified\n");
  return intact && weights != nullptr ? 0 : 1;
}
