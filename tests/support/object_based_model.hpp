#pragma once

#include <string>

#include "support/object_graph_writer.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail::test {

/// An object-based checkpoint on disk, of `Checkpoint(model=...)`: `dense/kernel` float32[4,3] =
/// 0..11 at model/dense/kernel, its slot m = 1s, `dense/bias` float32[3] = 0..2, and two variables
/// float32[2] that are both called `Variable`: model/a = 0, 0, and the later model/b = 1, 1.
class object_based_model {
 public:
  object_based_model() {
    object_graph_writer graph;
    const std::int32_t root = graph.node();
    const std::int32_t kernel = graph.variable("dense/kernel", "model/dense/kernel");
    graph.variable("dense/bias", "model/dense/bias");
    const std::string slot_path = "model/dense/kernel/.OPTIMIZER_SLOT/opt/m";
    graph.slot(root, kernel, "m", graph.variable("Adam/m/dense/kernel", slot_path));
    graph.variable("Variable", "model/a");
    graph.variable("Variable", "model/b");

    bundle_writer writer;
    const auto add = [&](const std::string& path, const shape& of, std::vector<float> values) {
      writer.tensor(value_key(path), dtype::float32, of, bytes_of(values));
    };
    add("model/dense/kernel", {4, 3}, counted<float>(12));
    add("model/dense/bias", {3}, counted<float>(3));
    add(slot_path, {4, 3}, std::vector<float>(12, 1));
    add("model/a", {2}, {0, 0});
    add("model/b", {2}, {1, 1});
    add_graph(writer, graph.text()).write(path());
  }

  [[nodiscard]] std::string path() const { return directory_ / "ckpt-1"; }

 private:
  temporary_directory directory_;
};

}  // namespace warmstart::detail::test
