#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/cuda_device.hpp"
#include "cuda/current_device.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/fill.hpp"
#include "cuda/handles.hpp"
#include "cuda/peer_access.hpp"
#include "cuda/remainder.hpp"
#include "cuda/scatter.hpp"
#include "cuda/stream_timer.hpp"
#include "engine/backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// Names of the streams in traces.
constexpr auto UPLOADS = "uploads";
constexpr auto KERNELS = "kernels";

constexpr auto WAIT_INTERVAL = std::chrono::microseconds(50);

constexpr std::size_t BOUNCE_BYTES = 256 * kibibyte;

/// An event recorded after all work of a backend. The device's thread queries it on behalf of the
/// caller's threads, so that those create no CUDA context.
class event_completion final : public completion {
 public:
  event_completion(std::shared_ptr<cuda_device> on, cuda_event event)
      : on_(std::move(on)), event_(std::move(event)) {}
  event_completion(const event_completion&) = delete;
  event_completion& operator=(const event_completion&) = delete;
  ~event_completion() override {
    on_->run([this] { event_ = {}; });
  }

  [[nodiscard]] bool done() const noexcept override {
    bool done = true;
    on_->run([&] {
      const cudaError_t answer = cudaEventQuery(event_.get());
      done = answer != cudaErrorNotReady;
      cuda_ignore(answer);
    });
    return done;
  }
  // Polls, so that the device's thread can serve other callers in between.
  void wait() const override {
    while (!done()) std::this_thread::sleep_for(WAIT_INTERVAL);
    on_->run([this] { WARMSTART_CUDA_CHECK(cudaEventQuery(event_.get())); });
  }
  [[nodiscard]] cudaEvent_t event() const noexcept { return event_.get(); }

 private:
  std::shared_ptr<cuda_device> on_;
  cuda_event event_;
};

/// One device, with one stream for uploads from the host, one for kernels, and one for the peer
/// copies from each other device.
///
///     uploads:   runs to rows, ranges to the mirror, list ──event──►  ...next slot
///     kernels:                                          wait, scatter ──event of the mirror──►
///
/// A slot is free when its uploads are complete. Its mirror is free when the kernel is complete; on
/// the device, the uploads of the slot's next chunk wait for that. If kernels read the slot itself,
/// the slot and the list's place on the device are free when the kernel is complete.
///
///     inbound, by source:   wait for the source's kernels, or its own inbound ──► copy ──event──►
///
/// A peer copy waits only for those commands of the source that produce its bytes, so a slow device
/// delays only the devices that copy from it.
class cuda_backend final : public backend {
 public:
  explicit cuda_backend(int index) : index_(index), device_(cuda_device::of(index)) {
    use_device(index_);
    uploads_ = make_stream();
    kernels_ = make_stream();
    uploaded_ = make_event();
  }
  cuda_backend(const cuda_backend&) = delete;
  cuda_backend& operator=(const cuda_backend&) = delete;
  ~cuda_backend() override { drain(); }

  [[nodiscard]] warmstart::device device() const noexcept override {
    return {device_kind::cuda, index_};
  }
  [[nodiscard]] bool synchronous() const noexcept override { return false; }

  std::string misplacement_of(std::span<const std::byte> memory) override {
    use_device(index_);
    cudaPointerAttributes found{};
    WARMSTART_CUDA_CHECK(cudaPointerGetAttributes(&found, memory.data()));
    if (found.type == cudaMemoryTypeDevice && found.device != index_) {
      return "its memory is on cuda:" + std::to_string(found.device);
    }
    if (found.type != cudaMemoryTypeUnregistered) return {};
    int reads_all = 0;  // of the host's memory
    WARMSTART_CUDA_CHECK(
        cudaDeviceGetAttribute(&reads_all, cudaDevAttrPageableMemoryAccess, index_));
    return reads_all != 0 ? "" : "its memory is neither on a GPU nor pinned host memory";
  }

  std::unique_ptr<staging_memory> allocate_staging(std::size_t size_bytes) override {
    use_device(index_);
    return allocate_pinned(size_bytes);
  }
  std::unique_ptr<staging_memory> allocate_mirrors(std::size_t size_bytes) override {
    use_device(index_);
    scattered_.clear();
    return allocate_from_pool(index_, size_bytes);
  }

  void copy(const slot_commands& commands) override {
    use_device(index_);
    if (!commands.runs.empty()) {
      timed(uploads_, {.work = traced_work::upload, .stream = UPLOADS, .chunk = commands.chunk},
            [&] { return upload_runs(commands.runs); });
    }
    if (!commands.scattered.empty()) scatter(commands);
  }

  void fill(const fill_command& command) override {
    use_device(index_);
    timed(kernels_, {.work = traced_work::fill, .stream = KERNELS}, [&] {
      launch_fill(command, kernels_.get());
      return std::size_t{0};
    });
  }

  void take(backend& from, const backend* by, const peer_copy& bytes) override {
    auto& source = static_cast<cuda_backend&>(from);
    cuda_event& ready = source.mark_what_came(by);
    use_device(index_);
    inbound& here_from = from_peer(source);
    WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(here_from.stream.get(), ready.get(), 0));
    timed(here_from.stream,
          {.work = traced_work::relay,
           .stream = "from " + to_string(source.device()),
           .chunk = bytes.chunk},
          [&] {
            WARMSTART_CUDA_CHECK(cudaMemcpyPeerAsync(bytes.destination, index_, bytes.source,
                                                     source.index_, bytes.size_bytes,
                                                     here_from.stream.get()));
            return bytes.size_bytes;
          });
    WARMSTART_CUDA_CHECK(cudaEventRecord(here_from.taken.get(), here_from.stream.get()));
  }

  ticket record() override {
    use_device(index_);
    cuda_event event = spare_events_.empty() ? make_event() : std::move(spare_events_.back());
    if (!spare_events_.empty()) spare_events_.pop_back();
    const bool by_kernels = std::exchange(kernels_read_slots_, false);
    if (by_kernels) kernels_wait_for_uploads();
    WARMSTART_CUDA_CHECK(
        cudaEventRecord(event.get(), by_kernels ? kernels_.get() : uploads_.get()));
    marks_.push_back(std::move(event));
    return first_mark_ + marks_.size() - 1;
  }

  bool done(ticket mark) override {
    use_device(index_);
    while (first_mark_ <= mark) {
      const cudaError_t answer = cudaEventQuery(marks_.front().get());
      if (answer == cudaErrorNotReady) {
        (void)cudaGetLastError();
        return false;
      }
      cuda_check(answer, "cudaEventQuery(mark)");
      spare_events_.push_back(std::move(marks_.front()));
      marks_.pop_front();
      ++first_mark_;
    }
    return true;
  }

  std::shared_ptr<const completion> mark() override {
    use_device(index_);
    kernels_wait_for_all();
    cuda_event event = make_event();
    WARMSTART_CUDA_CHECK(cudaEventRecord(event.get(), kernels_.get()));
    return std::make_shared<const event_completion>(device_, std::move(event));
  }

  void wait_for(const completion& earlier) override {
    const auto* const marked = dynamic_cast<const event_completion*>(&earlier);
    if (marked == nullptr) {
      earlier.wait();
      return;
    }
    use_device(index_);
    all_wait_for(marked->event());
  }

  bool is_idle(void* stream) override {
    use_device(index_);
    const cudaError_t answer = cudaStreamQuery(static_cast<cudaStream_t>(stream));
    if (answer == cudaErrorNotReady) {
      (void)cudaGetLastError();
      return false;
    }
    cuda_check(answer, "cudaStreamQuery(stream)");
    return true;
  }

  void wait_for_stream(void* stream) override {
    use_device(index_);
    WARMSTART_CUDA_CHECK(cudaStreamSynchronize(static_cast<cudaStream_t>(stream)));
  }

  void begin_after(void* stream) override {
    use_device(index_);
    check_owner(static_cast<cudaStream_t>(stream));
    if (!begun_) begun_ = make_event();
    WARMSTART_CUDA_CHECK(cudaEventRecord(begun_.get(), static_cast<cudaStream_t>(stream)));
    all_wait_for(begun_.get());
  }

  void end_before(void* stream) override {
    use_device(index_);
    kernels_wait_for_uploads();
    const cuda_event event = make_event();
    WARMSTART_CUDA_CHECK(cudaEventRecord(event.get(), kernels_.get()));
    const auto given = static_cast<cudaStream_t>(stream);
    WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(given, event.get(), 0));
    for_each_relay([&](const inbound& relay) {
      WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(given, relay.taken.get(), 0));
    });
  }

  void finish() override {
    use_device(index_);
    WARMSTART_CUDA_CHECK(cudaStreamSynchronize(uploads_.get()));
    WARMSTART_CUDA_CHECK(cudaStreamSynchronize(kernels_.get()));
    for_each_relay([](const inbound& relay) {
      WARMSTART_CUDA_CHECK(cudaEventSynchronize(relay.taken.get()));
    });
  }

  void drain() noexcept override {
    try {
      use_device(index_);
      cuda_ignore(cudaStreamSynchronize(uploads_.get()));
      cuda_ignore(cudaStreamSynchronize(kernels_.get()));
      // Synchronize the stream, not `taken`: recording that event may be the call that failed.
      for_each_relay(
          [](const inbound& relay) { cuda_ignore(cudaStreamSynchronize(relay.stream.get())); });
    } catch (const error&) {
      // The device is lost, so nothing runs on it any more.
    }
  }

  void remainders(std::span<const remainder_command> commands,
                  std::span<std::uint32_t> answers) override {
    use_device(index_);
    kernels_wait_for_all();
    compute_remainders(commands, answers, index_, kernels_.get());
  }

  void read_back(const std::byte* source, std::span<std::byte> destination) override {
    use_device(index_);
    kernels_wait_for_all();
    if (!bounce_) bounce_ = allocate_pinned(BOUNCE_BYTES);
    while (!destination.empty()) {
      const std::size_t size = std::min(destination.size(), BOUNCE_BYTES);
      WARMSTART_CUDA_CHECK(cudaMemcpyAsync(bounce_->bytes().data(), source, size,
                                           cudaMemcpyDeviceToHost, kernels_.get()));
      WARMSTART_CUDA_CHECK(cudaStreamSynchronize(kernels_.get()));
      std::memcpy(destination.data(), bounce_->bytes().data(), size);
      source += size;
      destination = destination.subspan(size);
    }
  }

  void time_commands(bool wanted) override {
    use_device(index_);
    timer_ = wanted ? std::make_unique<stream_timer>(uploads_.get()) : nullptr;
  }

  std::vector<timed_command> timed_commands() override {
    if (!timer_) return {};
    use_device(index_);
    return timer_->take();
  }

 private:
  // Events of this device cannot be recorded in streams of other devices.
  void check_owner(cudaStream_t stream) const {
#if CUDART_VERSION >= 12080
    int owner = index_;
    WARMSTART_CUDA_CHECK(cudaStreamGetDevice(stream, &owner));
    if (owner == index_) return;
    throw error(error_code::invalid_argument, "stream of " + to_string(device()) +
                                                  ": it belongs to cuda:" + std::to_string(owner) +
                                                  "; pass it with that device");
#else
    (void)stream;
#endif
  }

  /// The peer copies from one device to another. Both backends hold a reference.
  struct inbound {
    cuda_stream stream;
    cuda_event taken;  ///< recorded after the last copy
  };

  /// An event recorded after all uploads from the host or, if `by` is set, after the peer copies
  /// from `by`. Valid until the next call, which records it again.
  cuda_event& mark_what_came(const backend* by) {
    use_device(index_);
    cuda_stream* stream = &kernels_;
    if (by != nullptr) {
      stream = &inbound_.at(static_cast<const cuda_backend*>(by))->stream;
    } else {
      kernels_wait_for_uploads();
    }
    if (!came_) came_ = make_event();
    WARMSTART_CUDA_CHECK(cudaEventRecord(came_.get(), stream->get()));
    return came_;
  }

  inbound& from_peer(cuda_backend& source) {
    if (const auto known = inbound_.find(&source); known != inbound_.end()) return *known->second;
    allow_peer_access(index_, source.index_);
    const auto made =
        std::make_shared<inbound>(inbound{.stream = make_stream(), .taken = make_event()});
    if (begun_) WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(made->stream.get(), begun_.get(), 0));
    source.outbound_.push_back(made);
    inbound_.emplace(&source, made);
    return *made;
  }

  /// Visits the peer copies from and to other devices.
  template <class Visit>
  void for_each_relay(Visit visit) const {
    for (const auto& [source, from] : inbound_) visit(*from);
    for (const auto& by_other : outbound_) visit(*by_other);
  }

  void all_wait_for(cudaEvent_t event) {
    WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(uploads_.get(), event, 0));
    WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(kernels_.get(), event, 0));
    for (auto& [source, from] : inbound_) {
      WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(from->stream.get(), event, 0));
    }
  }

  /// Times the commands that `queue` queues. `queue` returns the number of bytes that they move.
  template <class Queue>
  void timed(const cuda_stream& in, timed_command what, Queue queue) {
    if (!timer_) {
      queue();
      return;
    }
    const std::size_t span = timer_->begin(in.get(), std::move(what));
    const std::size_t size_bytes = queue();
    timer_->end(span, in.get(), size_bytes);
  }

  std::size_t upload_runs(std::span<const copy_command> runs) {
    std::size_t bytes = 0;
    for (const copy_command& run : runs) {
      const std::size_t size = static_cast<std::size_t>(run.run) * size_of(run.conversion.from);
      upload(run.destination, run.source, size);
      bytes += size;
    }
    return bytes;
  }

  void upload(std::byte* to, const std::byte* from, std::size_t size_bytes) {
    WARMSTART_CUDA_CHECK(
        cudaMemcpyAsync(to, from, size_bytes, cudaMemcpyHostToDevice, uploads_.get()));
  }

  void scatter(const slot_commands& commands) {
    const scatter_list list = write_scatter_list(commands, kernels_source(commands));
    if (commands.mirror == nullptr) {
      kernels_read_slots_ = true;
    } else {
      wait_for_kernel_of(commands.mirror);
    }
    timed(uploads_, {.work = traced_work::upload, .stream = UPLOADS, .chunk = commands.chunk},
          [&] { return upload_mirror(commands) + upload_list(commands, list); });
    kernels_wait_for_uploads();
    timed(kernels_, {.work = traced_work::kernel, .stream = KERNELS, .chunk = commands.chunk}, [&] {
      launch_scatter(list, commands.list_copy, kernels_.get());
      return std::size_t{0};
    });
    if (commands.mirror != nullptr) {
      WARMSTART_CUDA_CHECK(cudaEventRecord(scattered_[commands.mirror].get(), kernels_.get()));
    }
  }

  /// The device address of the slot's bytes, as kernels see them.
  static const std::byte* kernels_source(const slot_commands& commands) {
    if (commands.mirror != nullptr) return commands.mirror;
    void* seen = nullptr;
    WARMSTART_CUDA_CHECK(cudaHostGetDevicePointer(&seen, commands.slot.data(), 0));
    return static_cast<const std::byte*>(seen);
  }

  std::size_t upload_mirror(const slot_commands& commands) {
    if (commands.mirror == nullptr) return 0;
    std::size_t bytes = 0;
    for (const span_range& range : commands.staged) {
      const auto size = static_cast<std::size_t>(range.end - range.begin);
      upload(commands.mirror + range.begin, commands.slot.data() + range.begin, size);
      bytes += size;
    }
    return bytes;
  }

  std::size_t upload_list(const slot_commands& commands, const scatter_list& list) {
    upload(commands.list_copy, commands.list.data(), list.bytes);
    return list.bytes;
  }

  void kernels_wait_for_uploads() {
    WARMSTART_CUDA_CHECK(cudaEventRecord(uploaded_.get(), uploads_.get()));
    WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(kernels_.get(), uploaded_.get(), 0));
  }

  /// Kernels wait for uploads and for peer copies from and to this device.
  void kernels_wait_for_all() {
    kernels_wait_for_uploads();
    for_each_relay([&](const inbound& relay) {
      WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(kernels_.get(), relay.taken.get(), 0));
    });
  }

  /// Uploads to a mirror wait for the kernel that reads its previous contents.
  void wait_for_kernel_of(const std::byte* mirror) {
    cuda_event& scattered = scattered_[mirror];
    if (!scattered) {
      scattered = make_event();
    } else {
      WARMSTART_CUDA_CHECK(cudaStreamWaitEvent(uploads_.get(), scattered.get(), 0));
    }
  }

  int index_;
  std::shared_ptr<cuda_device> device_;
  cuda_stream uploads_;
  cuda_stream kernels_;
  cuda_event uploaded_;                               ///< reused for every slot
  std::map<const std::byte*, cuda_event> scattered_;  ///< by mirror: recorded after its last kernel
  bool kernels_read_slots_ = false;                   ///< whether they have since the last ticket
  std::deque<cuda_event> marks_;  ///< events of the tickets from `first_mark_` on
  ticket first_mark_ = 0;
  std::vector<cuda_event> spare_events_;
  std::map<const cuda_backend*, std::shared_ptr<inbound>> inbound_;  ///< by source
  std::vector<std::shared_ptr<inbound>> outbound_;                   ///< to other devices
  cuda_event came_;
  cuda_event begun_;                        ///< recorded in a caller's stream before the load
  std::unique_ptr<stream_timer> timer_;     ///< null unless commands are timed
  std::unique_ptr<staging_memory> bounce_;  ///< pinned buffer for read-back
};

}  // namespace

std::unique_ptr<backend> make_cuda_backend(int index) {
  int count = 0;
  if (const cudaError_t answer = cudaGetDeviceCount(&count); answer != cudaSuccess) {
    cuda_ignore(answer);
    throw error(error_code::device, fmt::format("there is no device cuda:{}: {}", index,
                                                cuda_call_reason("cudaGetDeviceCount", answer)));
  }
  if (index >= count) {
    throw error(
        error_code::device,
        fmt::format("there is no device cuda:{}: expected an index below {}", index, count));
  }
  return std::make_unique<cuda_backend>(index);
}

}  // namespace warmstart::detail
