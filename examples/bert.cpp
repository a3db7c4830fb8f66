// BERT with TensorFlow's names, from a file of Hugging Face's: an entry for each kind of weight.
// Kernels of dense layers lie the other way round there.

#include <algorithm>
#include <iostream>
#include <iterator>
#include <string>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

constexpr std::int64_t LAYERS = 12;
constexpr std::int64_t WIDTH = 8;
constexpr std::int64_t INNER = 32;

void make_dense(const ws::variable_scope& scope, std::int64_t inputs, std::int64_t outputs) {
  scope.get_variable("kernel", {inputs, outputs});
  scope.get_variable("bias", {outputs});
}

void make_norm(const ws::variable_scope& scope) {
  scope.get_variable("LayerNorm/gamma", {WIDTH});
  scope.get_variable("LayerNorm/beta", {WIDTH});
}

void make_bert(const ws::variable_scope& bert) {
  const auto embeddings = bert.scope("embeddings");
  embeddings.get_variable("word_embeddings", {60, WIDTH},
                          {.partitioner = ws::fixed_size_partitioner(3)});
  embeddings.get_variable("position_embeddings", {16, WIDTH});
  embeddings.get_variable("token_type_embeddings", {2, WIDTH});
  make_norm(embeddings);
  for (int n = 0; n < LAYERS; ++n) {
    const auto layer = bert.scope("encoder/layer_" + std::to_string(n));
    for (const char* part : {"query", "key", "value"}) {
      make_dense(layer.scope("attention/self").scope(part), WIDTH, WIDTH);
    }
    make_dense(layer.scope("attention/output/dense"), WIDTH, WIDTH);
    make_norm(layer.scope("attention/output"));
    make_dense(layer.scope("intermediate/dense"), WIDTH, INNER);
    make_dense(layer.scope("output/dense"), INNER, WIDTH);
    make_norm(layer.scope("output"));
  }
  make_dense(bert.scope("pooler/dense"), WIDTH, WIDTH);
}

ws::assignment_map from_hugging_face() {
  const std::string theirs = "bert.encoder.layer.{n}.";
  const std::string ours = "bert/encoder/layer_{n}/";
  const ws::transform kernel{.transpose = {1, 0}};
  return {
      {"bert.embeddings.{kind}_embeddings.weight", "bert/embeddings/{kind}_embeddings"},
      {theirs + "attention.self.{part}.weight", ours + "attention/self/{part}/kernel", kernel},
      {theirs + "attention.self.{part}.bias", ours + "attention/self/{part}/bias"},
      {theirs + "attention.output.dense.weight", ours + "attention/output/dense/kernel", kernel},
      {theirs + "attention.output.dense.bias", ours + "attention/output/dense/bias"},
      {theirs + "{part}.dense.weight", ours + "{part}/dense/kernel", kernel},
      {theirs + "{part}.dense.bias", ours + "{part}/dense/bias"},
      {theirs + "attention.output.LayerNorm.weight", ours + "attention/output/LayerNorm/gamma"},
      {theirs + "attention.output.LayerNorm.bias", ours + "attention/output/LayerNorm/beta"},
      {theirs + "output.LayerNorm.weight", ours + "output/LayerNorm/gamma"},
      {theirs + "output.LayerNorm.bias", ours + "output/LayerNorm/beta"},
      {"bert.embeddings.LayerNorm.weight", "bert/embeddings/LayerNorm/gamma"},
      {"bert.embeddings.LayerNorm.bias", "bert/embeddings/LayerNorm/beta"},
      {"bert.pooler.dense.weight", "bert/pooler/dense/kernel", kernel},
      {"bert.pooler.dense.bias", "bert/pooler/dense/bias"},
  };
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bert CHECKPOINT\n";
    return 2;
  }
  ws::variable_store vars{ws::device::best()};
  make_bert(vars.scope("bert"));
  ws::init_from_checkpoint(vars, argv[1], from_hugging_face());
  const ws::load_report report = ws::run_initializers(vars);
  const auto from_file = std::count_if(report.rows.begin(), report.rows.end(),
                                       [](const auto& row) { return !row.checkpoint.empty(); });
  const bool whole = ws::verify(vars).complete();
  std::cout << from_file << " of " << report.rows.size() << " variables and parts from the file, "
            << report.bytes_needed << " bytes needed, " << report.bytes_read << " read\n"
            << (whole ? "every byte in memory verified\n" : "not all could be verified\n");
  for (const auto& one : report.unused) std::cout << "unused: " << one.tensor << '\n';
  return whole && from_file == std::ssize(report.rows) ? 0 : 1;
}
