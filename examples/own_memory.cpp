// A checkpoint loads straight into memory that the program owns, converted on the way.

#include <iostream>
#include <span>
#include <vector>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: own_memory CHECKPOINT\n";
    return 2;
  }
  std::vector<double> weights(50 * 4);
  ws::variable_store vars{"cpu:0"};
  vars.wrap("weights", {50, 4}, std::span(weights));

  // The checkpoint holds float32.
  ws::init_from_checkpoint(vars, argv[1], {{"old_scope_1/var2", "weights"}}, {.cast = true});
  ws::run_initializers(vars);

  std::cout << "the first weights: " << weights[0] << ' ' << weights[1] << '\n';
  return weights[0] != 0 ? 0 : 1;
}
