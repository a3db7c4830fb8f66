// Measures how fast initializers fill host memory, compared with memset. Prints lines of JSON,
// which bench/run formats as a table. See fill_bench --help.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contest.hpp"
#include "fresh_pages.hpp"
#include "in_pieces.hpp"
#include "kept_memory.hpp"
#include "stopwatch.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t BYTES = std::int64_t{1} << 30;
constexpr std::size_t MEMSET_PIECE_BYTES = std::size_t{4} << 20;
constexpr double MIN_SHARE = 0.8;

struct settings {
  std::int64_t divisor = 1;
  std::size_t threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  int rounds = 5;
};

void set_memory(std::span<std::byte> memory, std::size_t threads) {
  in_pieces(memory.size(), MEMSET_PIECE_BYTES, threads,
            [&](std::size_t at, std::size_t size) { std::memset(memory.data() + at, 0, size); });
}

/// Fills one float32 variable repeatedly.
class fill_contest {
 public:
  explicit fill_contest(const settings& s)
      : threads_(s.threads),
        bytes_(std::max<std::int64_t>(BYTES / s.divisor, 4096)),
        memory_(std::make_shared<kept_memory>(static_cast<std::size_t>(bytes_), device::host())),
        engine_({.reader_threads = s.threads}) {
    set_memory(memory_->block(), threads_);
  }

  std::vector<contestant> all() {
    add_memset("touched", "memset",
               [this] { return seconds_of([&] { set_memory(memory_->block(), threads_); }); });
    add_memset("fresh", "memset of fresh pages", [this] {
      const fresh_pages fresh(static_cast<std::size_t>(bytes_), fresh_pages::kind::huge);
      return seconds_of([&] { set_memory(fresh.bytes(), threads_); });
    });
    add_fill("zeros", zeros(), memory_, MIN_SHARE);
    add_fill("constant", constant(0.1), memory_, MIN_SHARE);
    add_fill("uniform", uniform(-1, 1, 7), memory_, 0);
    add_fill("normal", normal(0, 1, 7), memory_, 0);
    add_fill("zeros", zeros(), nullptr, MIN_SHARE);
    return std::move(all_);
  }

 private:
  void add_memset(const char* memory, const char* group, std::function<double()> round) {
    all_.push_back({.name = fmt::format("memset, {} threads", threads_),
                    .memory = memory,
                    .bytes = bytes_,
                    .group = group,
                    .round = std::move(round)});
  }
  void add_fill(const char* name, const initializer& how, std::shared_ptr<kept_memory> memory,
                double at_least) {
    all_.push_back({.name = name,
                    .memory = memory ? "touched" : "fresh",
                    .bytes = bytes_,
                    .shares = {{.groups = {memory ? "memset" : "memset of fresh pages"},
                                .at_least = at_least}},
                    .round = [this, how, memory] { return fill(how, memory); }});
  }
  double fill(const initializer& how, std::shared_ptr<memory_resource> memory) {
    variable_store vars(device::host(), memory ? memory : default_memory_resource());
    vars.get_variable("filled", {bytes_ / 4}, {.type = dtype::float32, .initializer = how});
    return seconds_of([&] { run_initializers(vars, {.engine = &engine_}); });
  }

  std::size_t threads_;
  std::int64_t bytes_;
  std::shared_ptr<kept_memory> memory_;
  engine engine_;
  std::vector<contestant> all_;
};

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) try {
  CLI::App app("Measures initializers on the host, compared with memset.", "fill_bench");
  warmstart::detail::settings s;
  app.add_option("--divisor", s.divisor, "Divides the number of bytes")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "Threads of memset and of the engine")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", s.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  warmstart::detail::fill_contest contest(s);
  auto contestants = contest.all();
  warmstart::detail::measure(contestants, s.rounds);
  warmstart::detail::print_lines("fill", contestants);
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "fill_bench: {}\n", thrown.what());
  return 1;
}
