// What a capture has recorded, and its replay.
#include <memory>

#include "test_module.hpp"
#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr const char* kPtx = R"(
.version 7.0
.target sm_75
.address_size 64

// *to = *to * 2 + 1
.visible .entry step(.param .u64 step_0)
{
  .reg .b32 %r<4>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [step_0];
  ld.global.u32 %r1, [%rd1];
  add.s32 %r2, %r1, %r1;
  add.s32 %r3, %r2, 1;
  st.global.u32 [%rd1], %r3;
  ret;
}
)";

char step;

class Graphs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static test_module module(kPtx);
    module.add_kernel(&step, "step");
  }
  void TearDown() override {
    cudaemu_clear_faults();
    cudaGetLastError();
  }

  static void launch_step(void* to, cudaStream_t where) {
    void* arguments[] = {&to};
    EXPECT_CUDA(cudaLaunchKernel(&step, dim3(1), dim3(1), arguments, 0, where));
  }

  stream work_;
};

class graph_of {
 public:
  explicit graph_of(cudaStream_t captured) {
    EXPECT_CUDA(cudaStreamEndCapture(captured, &graph_));
    EXPECT_CUDA(cudaGraphInstantiate(&executable_, graph_, 0));
  }
  graph_of(const graph_of&) = delete;
  graph_of& operator=(const graph_of&) = delete;
  ~graph_of() {
    EXPECT_CUDA(cudaGraphExecDestroy(executable_));
    EXPECT_CUDA(cudaGraphDestroy(graph_));
  }
  cudaError_t launch(cudaStream_t where) const { return cudaGraphLaunch(executable_, where); }
  [[nodiscard]] std::vector<cudaGraphNodeType> types() const {
    std::size_t count = 0;
    EXPECT_CUDA(cudaGraphGetNodes(graph_, nullptr, &count));
    std::vector<cudaGraphNode_t> nodes(count);
    EXPECT_CUDA(cudaGraphGetNodes(graph_, nodes.data(), &count));
    std::vector<cudaGraphNodeType> result(count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_CUDA(cudaGraphNodeGetType(nodes[i], &result[i]));
    }
    return result;
  }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

void begin(cudaStream_t where) {
  ASSERT_CUDA(cudaStreamBeginCapture(where, cudaStreamCaptureModeGlobal));
}

TEST_F(Graphs, RunWhenTheyAreLaunchedAndNotBefore) {
  on_device memory(4);
  pinned host(4, 0);
  int calls = 0;
  ASSERT_CUDA(cudaMemset(memory.get(), 0xFF, 4));
  ASSERT_CUDA(cudaDeviceSynchronize());
  cudaemu_reset_stats();
  begin(work_);
  EXPECT_CUDA(cudaMemsetAsync(memory.get(), 0, 4, work_));
  launch_step(memory.get(), work_);
  launch_step(memory.get(), work_);
  EXPECT_CUDA(cudaMemcpyAsync(host.get(), memory.get(), 4, cudaMemcpyDeviceToHost, work_));
  EXPECT_CUDA(cudaLaunchHostFunc(
      work_, [](void* count) { ++*static_cast<int*>(count); }, &calls));
  const graph_of recorded(work_);
  EXPECT_EQ(recorded.types(),
            (std::vector{cudaGraphNodeTypeMemset, cudaGraphNodeTypeKernel, cudaGraphNodeTypeKernel,
                         cudaGraphNodeTypeMemcpy, cudaGraphNodeTypeHost}));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(read_back(memory.get(), 4)[0], 0xFF);
  for (int i = 1; i <= 3; ++i) {
    std::memset(host.get(), 0, 4);
    ASSERT_CUDA(recorded.launch(work_));
    ASSERT_CUDA(cudaStreamSynchronize(work_));
    EXPECT_EQ(host[0], 3);
    EXPECT_EQ(calls, i);
  }
  cudaemu_stats_t stats{};
  stats.struct_size = sizeof stats;
  ASSERT_EQ(cudaemu_stats(&stats), 0);
  EXPECT_EQ(stats.pinned_copies[CUDAEMU_DEVICE_TO_HOST].count, 3U);
  EXPECT_EQ(stats.memsets.count, 3U);
  EXPECT_EQ(stats.launches, 6U);
}

TEST_F(Graphs, KeepTheOrderOfTheirBranches) {
  on_device memory(8);
  pinned host(8, 0);
  stream side;
  event forked;
  event joined;
  begin(work_);
  ASSERT_CUDA(cudaMemsetAsync(memory.get(), 0, 8, work_));
  ASSERT_CUDA(cudaEventRecord(forked, work_));
  ASSERT_CUDA(cudaStreamWaitEvent(side, forked, 0));
  launch_step(memory.get(), work_);
  for (int i = 0; i < 3; ++i) launch_step(memory.get() + 4, side);
  ASSERT_CUDA(cudaEventRecord(joined, side));
  ASSERT_CUDA(cudaStreamWaitEvent(work_, joined, 0));
  ASSERT_CUDA(cudaMemcpyAsync(host.get(), memory.get(), 8, cudaMemcpyDeviceToHost, work_));
  const graph_of recorded(work_);
  // One after the other, although nothing waits in between, and before what comes later.
  for (int i = 0; i < 5; ++i) ASSERT_CUDA(recorded.launch(side));
  launch_step(memory.get(), side);
  ASSERT_CUDA(cudaStreamSynchronize(side));
  EXPECT_EQ(host[0], 1);
  EXPECT_EQ(host[4], 7);
  EXPECT_EQ(read_back(memory.get(), 4)[0], 3);
}

TEST_F(Graphs, LeaveTheStreamsOwnOrderAlone) {
  on_device memory(4);
  ASSERT_CUDA(cudaMemsetAsync(memory.get(), 0, 4, work_));
  begin(work_);
  launch_step(memory.get(), work_);
  const graph_of recorded(work_);
  launch_step(memory.get(), work_);  // comes after the fill, not after what was captured
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(read_back(memory.get(), 4)[0], 1);
}

TEST_F(Graphs, ReadPageableMemoryWhenTheyRun) {
  on_device memory(4);
  std::vector<unsigned char> host(4, 1);
  begin(work_);
  ASSERT_CUDA(cudaMemcpyAsync(memory.get(), host.data(), 4, cudaMemcpyHostToDevice, work_));
  const graph_of recorded(work_);
  host.assign(4, 9);
  ASSERT_CUDA(recorded.launch(work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(read_back(memory.get(), 4)[0], 9);
}

TEST_F(Graphs, MayBeEmpty) {
  begin(work_);
  const graph_of recorded(work_);
  EXPECT_TRUE(recorded.types().empty());
  EXPECT_CUDA(recorded.launch(work_));
  EXPECT_CUDA(cudaStreamSynchronize(work_));
}

TEST_F(Graphs, FailIfTheirMemoryIsGone) {
  auto memory = std::make_unique<on_device>(4);
  begin(work_);
  ASSERT_CUDA(cudaMemsetAsync(memory->get(), 0, 4, work_));
  const graph_of recorded(work_);
  memory.reset();
  recorded.launch(work_);  // if it runs at once, the error may be known at once
  EXPECT_EQ(cudaStreamSynchronize(work_), cudaErrorIllegalAddress);
  cudaemu_clear_faults();
}

TEST_F(Graphs, AreObjectsToGiveBack) {
  const std::size_t before = cudaemu_leak_report(nullptr, nullptr);
  {
    begin(work_);
    const graph_of recorded(work_);
    EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), before + 2);
  }
  EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), before);
  EXPECT_EQ(cudaGraphDestroy(nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGraphLaunch(nullptr, work_), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace cudaemu_tests
