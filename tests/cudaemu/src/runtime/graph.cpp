#include "graph.hpp"

#include <utility>

#include "api_error.hpp"

namespace cudaemu {
namespace {

template <class T>
T find(const std::map<void*, T>& all, void* handle) {
  const auto found = all.find(handle);
  require(found != all.end(), "no such graph");
  return found->second;
}

template <class T>
std::vector<void*> keys(const std::map<void*, T>& all) {
  std::vector<void*> result;
  for (const auto& [handle, object] : all) result.push_back(handle);
  return result;
}

}  // namespace

cudaGraph_t graph_table::add(graph_ptr fresh) {
  const std::lock_guard lock(mutex_);
  void* const handle = fresh.get();
  graphs_[handle] = std::move(fresh);
  return static_cast<cudaGraph_t>(handle);
}

cudaGraphExec_t graph_table::instantiate(cudaGraph_t from) {
  const std::lock_guard lock(mutex_);
  auto fresh = std::make_shared<executable_graph>();
  fresh->source = find(graphs_, from);
  void* const handle = fresh.get();
  executables_[handle] = std::move(fresh);
  return static_cast<cudaGraphExec_t>(handle);
}

graph_ptr graph_table::resolve(cudaGraph_t handle) {
  const std::lock_guard lock(mutex_);
  return find(graphs_, handle);
}

executable_ptr graph_table::resolve(cudaGraphExec_t handle) {
  const std::lock_guard lock(mutex_);
  return find(executables_, handle);
}

void graph_table::destroy(cudaGraph_t handle) {
  const std::lock_guard lock(mutex_);
  require(graphs_.erase(handle) == 1, "no such graph");
}

void graph_table::destroy(cudaGraphExec_t handle) {
  const std::lock_guard lock(mutex_);
  require(executables_.erase(handle) == 1, "no such executable graph");
}

std::vector<void*> graph_table::live_graphs() {
  const std::lock_guard lock(mutex_);
  return keys(graphs_);
}

std::vector<void*> graph_table::live_executables() {
  const std::lock_guard lock(mutex_);
  return keys(executables_);
}

}  // namespace cudaemu
