// Work that was recorded once, to be queued as a whole as often as one likes.
#pragma once

#include <driver_types.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "operation.hpp"

namespace cudaemu {

// cudaGraphNode_t points to one of these.
struct graph_node {
  operation work;  // a pattern: its body and what it is for
  std::vector<const graph_node*> after;
};

// cudaGraph_t points to one of these. It does not change once its capture has ended.
struct graph {
  std::vector<std::unique_ptr<graph_node>> nodes;  // each behind those that it comes after
};
using graph_ptr = std::shared_ptr<graph>;

// cudaGraphExec_t points to one of these.
struct executable_graph {
  graph_ptr source;
  operation_ptr last;  // the end of its latest launch; guarded by the scheduler's mutex
};
using executable_ptr = std::shared_ptr<executable_graph>;

// The graphs that the program has to destroy.
class graph_table {
 public:
  cudaGraph_t add(graph_ptr fresh);
  cudaGraphExec_t instantiate(cudaGraph_t from);
  // These throw api_error if there is no such object.
  graph_ptr resolve(cudaGraph_t handle);
  executable_ptr resolve(cudaGraphExec_t handle);
  void destroy(cudaGraph_t handle);
  void destroy(cudaGraphExec_t handle);

  [[nodiscard]] std::vector<void*> live_graphs();
  [[nodiscard]] std::vector<void*> live_executables();

 private:
  std::mutex mutex_;
  std::map<void*, graph_ptr> graphs_;
  std::map<void*, executable_ptr> executables_;
};

}  // namespace cudaemu
