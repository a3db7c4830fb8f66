// Stream capture, and what becomes of it: graphs.
#include "api.hpp"
#include "captures.hpp"

using cudaemu::call;
using cudaemu::call_always;
using cudaemu::call_without_context;
using cudaemu::capture_table;
using cudaemu::graph_node;
using cudaemu::graph_ptr;
using cudaemu::require;
using cudaemu::runtime;
using cudaemu::stream_ptr;

namespace {

stream_ptr find(cudaStream_t stream) {
  runtime& machine = runtime::get();
  machine.device_here();
  return machine.streams.resolve(stream, cudaemu::current_device());
}

// Needs the lock.
cudaStreamCaptureStatus status_of(const capture_table& captures, const stream_ptr& which) {
  captures.check_asking(*which);
  if (which->capturing == nullptr) return cudaStreamCaptureStatusNone;
  return which->capturing->invalidated_by.empty() ? cudaStreamCaptureStatusActive
                                                  : cudaStreamCaptureStatusInvalidated;
}

}  // namespace

CUDAEMU_EXPORT cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return call<"cudaStreamBeginCapture">([&] {
    const stream_ptr where = runtime::get().resolve(stream);
    runtime::get().streams.with_captures(
        [&](capture_table& captures) { captures.begin(where, mode); });
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return call<"cudaStreamEndCapture">([&] {
    require(graph != nullptr, "null pointer");
    *graph = nullptr;
    const stream_ptr where = find(stream);
    *graph = runtime::get().graphs.add(runtime::get().streams.with_captures(
        [&](capture_table& captures) { return captures.end(where); }));
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaStreamIsCapturing(cudaStream_t stream,
                                                 cudaStreamCaptureStatus* status) {
  return call_without_context<"cudaStreamIsCapturing">([&] {
    require(status != nullptr, "null pointer");
    const stream_ptr which = find(stream);
    *status = runtime::get().streams.with_captures(
        [&](capture_table& captures) { return status_of(captures, which); });
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream,
                                                    cudaStreamCaptureStatus* status,
                                                    unsigned long long* id, cudaGraph_t* graph,
                                                    const cudaGraphNode_t** dependencies,
                                                    const cudaGraphEdgeData** edges,
                                                    std::size_t* count) {
  return call_without_context<"cudaStreamGetCaptureInfo">([&] {
    require(status != nullptr, "null pointer");
    require(edges == nullptr || dependencies != nullptr, "edges without dependencies");
    const stream_ptr which = find(stream);
    runtime::get().streams.with_captures([&](capture_table& captures) {
      *status = status_of(captures, which);
      if (*status != cudaStreamCaptureStatusActive) return;
      if (id != nullptr) *id = which->capturing->id;
      if (graph != nullptr) {
        *graph = reinterpret_cast<cudaGraph_t>(which->capturing->recorded.get());
      }
      if (dependencies != nullptr) {
        *dependencies = reinterpret_cast<const cudaGraphNode_t*>(
            const_cast<graph_node* const*>(which->ends.data()));
      }
      if (edges != nullptr) *edges = nullptr;
      if (count != nullptr) *count = which->ends.size();
    });
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return call<"cudaThreadExchangeStreamCaptureMode">([&] {
    require(mode != nullptr, "null pointer");
    require(*mode == cudaStreamCaptureModeGlobal || *mode == cudaStreamCaptureModeThreadLocal ||
                *mode == cudaStreamCaptureModeRelaxed,
            "no such mode");
    std::swap(*mode, cudaemu::capture_mode_of_thread());
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes,
                                             std::size_t* count) {
  return call_without_context<"cudaGraphGetNodes">([&] {
    require(count != nullptr, "null pointer");
    const graph_ptr which = runtime::get().graphs.resolve(graph);
    const std::size_t room = nodes == nullptr ? 0 : *count;
    const std::size_t size = which->nodes.size();
    for (std::size_t i = 0; i < room; ++i) {
      nodes[i] =
          i < size ? reinterpret_cast<cudaGraphNode_t>(which->nodes[i].get()) : cudaGraphNode_t{};
    }
    *count = nodes == nullptr ? size : std::min(room, size);
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  return call_without_context<"cudaGraphNodeGetType">([&] {
    require(node != nullptr && type != nullptr, "null pointer");
    *type = reinterpret_cast<const graph_node*>(node)->work.kind;
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                                unsigned long long flags) {
  return call<"cudaGraphInstantiate">([&] {
    require(executable != nullptr, "null pointer");
    if (flags != 0) return cudaemu::not_supported("flags of executable graphs");
    *executable = runtime::get().graphs.instantiate(graph);
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable,
                                                         cudaGraph_t graph,
                                                         unsigned long long flags) {
  return cudaGraphInstantiate(executable, graph, flags);
}

CUDAEMU_EXPORT cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
  return call<"cudaGraphUpload">([&] {
    runtime::get().graphs.resolve(executable);
    runtime::get().resolve(stream);
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return call<"cudaGraphLaunch">([&] {
    runtime& machine = runtime::get();
    const cudaemu::executable_ptr which = machine.graphs.resolve(executable);
    machine.streams.launch(*which, machine.resolve(stream));
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call_always<"cudaGraphDestroy">([&] {
    runtime::get().graphs.destroy(graph);
    return cudaSuccess;
  });
}

CUDAEMU_EXPORT cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return call_always<"cudaGraphExecDestroy">([&] {
    runtime::get().graphs.destroy(executable);
    return cudaSuccess;
  });
}
