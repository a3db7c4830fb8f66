// What is forbidden while a stream is captured, to whom, and what comes of it.
#include <functional>
#include <thread>

#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr std::size_t kSize = 1000;

cudaStreamCaptureStatus status_of(cudaStream_t which) {
  cudaStreamCaptureStatus status{};
  EXPECT_CUDA(cudaStreamIsCapturing(which, &status));
  return status;
}

// Ends a capture whose graph is of no interest.
cudaError_t end(cudaStream_t which) {
  cudaGraph_t graph = nullptr;
  const cudaError_t result = cudaStreamEndCapture(which, &graph);
  EXPECT_EQ(graph != nullptr, result == cudaSuccess);
  if (graph != nullptr) {
    EXPECT_CUDA(cudaGraphDestroy(graph));
  }
  return result;
}

class Captures : public testing::Test {
 protected:
  void TearDown() override { cudaGetLastError(); }

  // The result of a call by another thread, in this mode.
  static cudaError_t elsewhere(cudaStreamCaptureMode mode,
                               const std::function<cudaError_t()>& call) {
    cudaError_t result = cudaErrorUnknown;
    std::thread([&] {
      EXPECT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
      result = call();
    }).join();
    return result;
  }

  // Calls that have nothing to do with what is captured, made so that they do no harm.
  struct unsafe_call {
    const char* name;
    std::function<cudaError_t()> make;
  };
  std::vector<unsafe_call> unsafe_calls() {
    return {
        {"cudaMalloc",
         [] {
           void* memory = nullptr;
           const cudaError_t result = cudaMalloc(&memory, 1);
           if (result == cudaSuccess) {
             EXPECT_CUDA(cudaFree(memory));
           }
           return result;
         }},
        {"cudaFree", [] { return cudaFree(nullptr); }},
        {"cudaHostAlloc",
         [] {
           void* memory = nullptr;
           const cudaError_t result = cudaHostAlloc(&memory, 1, cudaHostAllocDefault);
           if (result == cudaSuccess) {
             EXPECT_CUDA(cudaFreeHost(memory));
           }
           return result;
         }},
        {"cudaFreeHost", [] { return cudaFreeHost(nullptr); }},
        {"cudaHostRegister",
         [] {
           static int memory;
           const cudaError_t result = cudaHostRegister(&memory, sizeof memory, 0);
           if (result == cudaSuccess) {
             EXPECT_CUDA(cudaHostUnregister(&memory));
           }
           return result;
         }},
        {"cudaEventQuery", [this] { return cudaEventQuery(done_); }},
        {"cudaEventSynchronize", [this] { return cudaEventSynchronize(done_); }},
        {"cudaStreamQuery", [this] { return cudaStreamQuery(other_); }},
        {"cudaStreamSynchronize", [this] { return cudaStreamSynchronize(other_); }},
        {"cudaMemcpy",
         [this] {
           char byte = 0;
           return cudaMemcpy(memory_.get(), &byte, 1, cudaMemcpyHostToDevice);
         }},
    };
  }

  stream captured_;
  stream other_;
  event done_;
  on_device memory_{kSize};
};

TEST_F(Captures, ForbidUnsafeCallsOfOtherThreads) {
  for (const unsafe_call& each : unsafe_calls()) {
    ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal)) << each.name;
    EXPECT_EQ(elsewhere(cudaStreamCaptureModeGlobal, each.make), cudaErrorStreamCaptureUnsupported)
        << each.name;
    EXPECT_EQ(status_of(captured_), cudaStreamCaptureStatusInvalidated) << each.name;
    EXPECT_EQ(cudaMemsetAsync(memory_.get(), 0, 1, captured_), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated) << each.name;
    EXPECT_EQ(status_of(captured_), cudaStreamCaptureStatusNone);
    EXPECT_CUDA(each.make()) << each.name << " after the capture";
  }
}

TEST_F(Captures, DoNotConcernThreadsThatAskedNotToBe) {
  for (const auto mode : {cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed}) {
    for (const unsafe_call& each : unsafe_calls()) {
      ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
      EXPECT_CUDA(elsewhere(mode, each.make)) << each.name;
      EXPECT_CUDA(end(captured_)) << each.name;
    }
  }
}

TEST_F(Captures, OfOtherModesDoNotConcernOtherThreads) {
  for (const auto mode : {cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed}) {
    for (const unsafe_call& each : unsafe_calls()) {
      ASSERT_CUDA(cudaStreamBeginCapture(captured_, mode));
      EXPECT_CUDA(elsewhere(cudaStreamCaptureModeGlobal, each.make)) << each.name;
      EXPECT_CUDA(end(captured_)) << each.name;
    }
  }
}

TEST_F(Captures, ForbidUnsafeCallsOfTheirOwnThread) {
  for (const unsafe_call& each : unsafe_calls()) {
    for (const auto mode : {cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal}) {
      ASSERT_CUDA(cudaStreamBeginCapture(captured_, mode));
      EXPECT_EQ(each.make(), cudaErrorStreamCaptureUnsupported) << each.name;
      EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated) << each.name;
    }
    ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
    EXPECT_CUDA(each.make()) << each.name;
    EXPECT_CUDA(end(captured_)) << each.name;
  }
}

TEST_F(Captures, LetOthersQueueWork) {
  pinned host(kSize, 7);
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  EXPECT_CUDA(elsewhere(cudaStreamCaptureModeGlobal, [&] {
    EXPECT_CUDA(cudaMemcpyAsync(memory_.get(), host.get(), kSize, cudaMemcpyDefault, other_));
    return cudaEventRecord(done_, other_);
  }));
  EXPECT_CUDA(end(captured_));
  ASSERT_CUDA(cudaEventSynchronize(done_));
  EXPECT_EQ(read_back(memory_.get(), kSize)[0], 7);
}

TEST_F(Captures, ForbidWhatConflictsInAnyMode) {
  const std::function<cudaError_t()> conflicts[] = {
      [this] { return cudaStreamSynchronize(captured_); },
      [this] { return cudaStreamQuery(captured_); },
      [] { return cudaDeviceSynchronize(); },
  };
  for (const auto& each : conflicts) {
    ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
    EXPECT_EQ(elsewhere(cudaStreamCaptureModeRelaxed, each), cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated) << &each - conflicts;
  }
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
  EXPECT_CUDA(elsewhere(cudaStreamCaptureModeRelaxed, [] {
    EXPECT_CUDA(cudaSetDevice(1));
    return cudaDeviceSynchronize();
  })) << "another device";
  EXPECT_CUDA(end(captured_));
}

TEST_F(Captures, OwnTheirEvents) {
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
  ASSERT_CUDA(cudaEventRecord(done_, captured_));
  EXPECT_EQ(cudaEventQuery(done_), cudaErrorCapturedEvent);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(cudaEventSynchronize(done_), cudaErrorCapturedEvent) << "until it is recorded again";
  EXPECT_EQ(cudaStreamWaitEvent(other_, done_, 0), cudaErrorCapturedEvent);
  ASSERT_CUDA(cudaEventRecord(done_, other_));
  EXPECT_CUDA(cudaEventSynchronize(done_));
}

TEST_F(Captures, OfBlockingStreamsForbidTheLegacyStream) {
  stream blocking(cudaStreamDefault);
  const std::function<cudaError_t()> uses[] = {
      [this] { return cudaMemsetAsync(memory_.get(), 0, 1, nullptr); },
      [this] { return cudaMemset(memory_.get(), 0, 1); },
      [this] { return cudaEventRecord(done_, nullptr); },
      [this] { return cudaStreamWaitEvent(nullptr, done_, 0); },
      [] { return cudaStreamSynchronize(nullptr); },
      [] { return cudaStreamQuery(nullptr); },
      [this] {
        char byte = 0;
        return cudaMemcpy(memory_.get(), &byte, 1, cudaMemcpyHostToDevice);
      },
  };
  for (const auto& each : uses) {
    ASSERT_CUDA(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeRelaxed));
    EXPECT_EQ(elsewhere(cudaStreamCaptureModeRelaxed, each), cudaErrorStreamCaptureImplicit);
    EXPECT_EQ(end(blocking), cudaErrorStreamCaptureInvalidated) << &each - uses;
    ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
    EXPECT_CUDA(elsewhere(cudaStreamCaptureModeRelaxed, [&] {
      each();  // may have to be asked again
      const cudaError_t result = each();
      return result == cudaErrorNotReady ? cudaSuccess : result;
    })) << &each - uses;
    EXPECT_CUDA(end(captured_)) << "this one does not block";
  }
  ASSERT_CUDA(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeRelaxed));
  cudaStreamCaptureStatus status{};
  EXPECT_EQ(cudaStreamIsCapturing(nullptr, &status), cudaErrorStreamCaptureImplicit);
  EXPECT_CUDA(end(blocking)) << "the question did no harm";
}

TEST_F(Captures, BeginAndEndInOrder) {
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal),
            cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaStreamEndCapture(captured_, &graph), cudaErrorIllegalState);
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  EXPECT_EQ(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal), cudaErrorIllegalState);
  EXPECT_EQ(elsewhere(cudaStreamCaptureModeGlobal, [&] { return end(captured_); }),
            cudaErrorStreamCaptureWrongThread);
  EXPECT_CUDA(end(captured_));
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeRelaxed));
  EXPECT_CUDA(elsewhere(cudaStreamCaptureModeGlobal, [&] { return end(captured_); }));
  EXPECT_EQ(cudaStreamBeginCapture(captured_, static_cast<cudaStreamCaptureMode>(7)),
            cudaErrorInvalidValue);
}

TEST_F(Captures, SpreadByEventsAndMustBeJoined) {
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(cudaEventRecord(done_, captured_));
  ASSERT_CUDA(cudaStreamWaitEvent(other_, done_, 0));
  EXPECT_EQ(status_of(other_), cudaStreamCaptureStatusActive);
  ASSERT_CUDA(cudaMemsetAsync(memory_.get(), 1, kSize, other_));
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(other_, &graph), cudaErrorStreamCaptureUnmatched);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(status_of(other_), cudaStreamCaptureStatusNone);

  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(cudaEventRecord(done_, captured_));
  ASSERT_CUDA(cudaStreamWaitEvent(other_, done_, 0));
  ASSERT_CUDA(cudaMemsetAsync(memory_.get(), 1, kSize, other_));
  ASSERT_CUDA(cudaEventRecord(done_, other_));
  ASSERT_CUDA(cudaStreamWaitEvent(captured_, done_, 0));
  EXPECT_CUDA(end(captured_));
}

TEST_F(Captures, KeepToThemselves) {
  ASSERT_CUDA(cudaEventRecord(done_, other_));
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  EXPECT_EQ(cudaStreamWaitEvent(captured_, done_, 0), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated);

  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(cudaStreamBeginCapture(other_, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(cudaEventRecord(done_, captured_));
  EXPECT_EQ(cudaStreamWaitEvent(other_, done_, 0), cudaErrorStreamCaptureMerge);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(end(other_), cudaErrorStreamCaptureInvalidated);
}

TEST_F(Captures, EndWithTheirStream) {
  cudaStream_t brief = nullptr;
  ASSERT_CUDA(cudaStreamCreateWithFlags(&brief, cudaStreamNonBlocking));
  ASSERT_CUDA(cudaStreamBeginCapture(brief, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(cudaStreamDestroy(brief));
  EXPECT_CUDA(elsewhere(cudaStreamCaptureModeGlobal, [] { return cudaFree(nullptr); }));
}

TEST_F(Captures, OfThePerThreadStreamAreItsOwn) {
  std::thread([] {
    ASSERT_CUDA(cudaStreamBeginCapture(cudaStreamPerThread, cudaStreamCaptureModeGlobal));
    EXPECT_EQ(status_of(cudaStreamPerThread), cudaStreamCaptureStatusActive);
  }).join();  // ends unfinished
  EXPECT_EQ(status_of(cudaStreamPerThread), cudaStreamCaptureStatusNone);
  EXPECT_CUDA(elsewhere(cudaStreamCaptureModeGlobal, [] { return cudaFree(nullptr); }));
}

TEST_F(Captures, TellAboutThemselves) {
  cudaStreamCaptureStatus status{};
  unsigned long long first = 0;
  unsigned long long second = 0;
  std::size_t count = 99;
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* nodes = nullptr;
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  ASSERT_CUDA(
      cudaStreamGetCaptureInfo(captured_, &status, &first, &graph, &nodes, nullptr, &count));
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  EXPECT_NE(graph, nullptr);
  EXPECT_EQ(count, 0U);
  ASSERT_CUDA(cudaMemsetAsync(memory_.get(), 1, kSize, captured_));
  ASSERT_CUDA(
      cudaStreamGetCaptureInfo(captured_, &status, &second, nullptr, &nodes, nullptr, &count));
  EXPECT_EQ(first, second);
  ASSERT_EQ(count, 1U);
  cudaGraphNodeType type{};
  ASSERT_CUDA(cudaGraphNodeGetType(nodes[0], &type));
  EXPECT_EQ(type, cudaGraphNodeTypeMemset);
  EXPECT_CUDA(end(captured_));
  ASSERT_CUDA(
      cudaStreamGetCaptureInfo(captured_, &status, &second, nullptr, nullptr, nullptr, nullptr));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
}

TEST_F(Captures, ThreadsSwapTheirMode) {
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  ASSERT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(mode, cudaStreamCaptureModeGlobal);
  ASSERT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(mode, cudaStreamCaptureModeRelaxed);
}

TEST_F(Captures, RefuseWhatGraphsCannotHold) {
  void* memory = nullptr;
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  EXPECT_EQ(cudaMallocAsync(&memory, 10, captured_), cudaErrorNotSupported);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated);
  ASSERT_CUDA(cudaStreamBeginCapture(captured_, cudaStreamCaptureModeGlobal));
  EXPECT_EQ(cudaStreamAddCallback(
                captured_, [](cudaStream_t, cudaError_t, void*) {}, nullptr, 0),
            cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(captured_), cudaErrorStreamCaptureInvalidated);
}

}  // namespace
}  // namespace cudaemu_tests
