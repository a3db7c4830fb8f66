// A vocabulary has grown, and layers are laid out otherwise: what warm_start does in TensorFlow.

#include <iostream>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: grown_vocabulary CHECKPOINT OLD_VOCABULARY NEW_VOCABULARY\n";
    return 2;
  }
  ws::variable_store vars{ws::device::best()};
  const auto embedding = vars.get_variable(
      "embedding", {61, 6},
      {.initializer = ws::truncated_normal(0, 0.02), .partitioner = ws::fixed_size_partitioner(3)});
  for (int layer = 0; layer < 12; ++layer) {
    vars.scope("blocks").scope(std::to_string(layer)).get_variable("w", {8, 6});
  }

  // Tokens that were known keep their rows; new ones get what the initializer gives.
  const ws::remap by_token{.old_vocabulary = argv[2], .new_vocabulary = argv[3]};
  const auto resolved = ws::init_from_checkpoint(
      vars, argv[1],
      {{"emb", embedding, {.rows = by_token}},
       {"encoder/layer_{n}/kernel", "blocks/{n}/w", {.transpose = {1, 0}}}});
  std::cout << to_string(resolved) << '\n';

  const ws::load_report report = ws::run_initializers(vars);
  const bool whole = ws::verify(vars).complete();
  std::cout << report.bytes_needed << " bytes needed, "
            << (whole ? "every byte verified\n" : "not all could be verified\n");
  return whole && report.rows.size() == 15 ? 0 : 1;
}
