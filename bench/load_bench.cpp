// One warm load, beside the ceiling of this machine at the same moment: plain parallel pread of the
// same file into touched memory with the same number of threads.
//
// usage: load_bench DIRECTORY [MEBIBYTES [THREADS [PARTS [TENSORS]]]]

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "support/bundle_writer.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart {
namespace {

using seconds = std::chrono::duration<double>;

struct settings {
  std::string prefix;
  std::int64_t bytes = 512LL << 20;
  std::size_t threads = 2;
  std::int64_t parts = 1;
  std::int64_t tensors = 1;

  [[nodiscard]] std::int64_t rows() const { return bytes / tensors / 4096; }
};

template <class Work>
double time_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return seconds(std::chrono::steady_clock::now() - start).count();
}

std::string tensor_name(std::int64_t number) {
  return "t" + std::to_string(number);
}

void write_checkpoint(const settings& s) {
  test::bundle_writer writer;
  std::string bytes(static_cast<std::size_t>(s.rows()) * 4096, '\0');
  std::uint32_t noise = 1;
  for (char& byte : bytes)
    byte = static_cast<char>((noise = noise * 1664525U + 1013904223U) >> 24U);
  for (std::int64_t i = 0; i < s.tensors; ++i) {
    writer.tensor(tensor_name(i), dtype::float32, {s.rows(), 1024}, bytes);
  }
  writer.write(s.prefix);
}

// Each thread reads its share in pieces of a chunk's size.
double ceiling_seconds(const settings& s, std::vector<std::byte>& memory) {
  constexpr std::size_t PIECE = 1 << 20;
  const int file = ::open((s.prefix + ".data-00000-of-00001").c_str(), O_RDONLY | O_CLOEXEC);
  const double taken = time_of([&] {
    std::vector<std::thread> readers;
    const std::size_t share = memory.size() / s.threads;
    for (std::size_t i = 0; i < s.threads; ++i) {
      readers.emplace_back([&, i] {
        const std::size_t end = i + 1 == s.threads ? memory.size() : (i + 1) * share;
        for (std::size_t at = i * share; at < end; at += PIECE) {
          if (::pread(file, memory.data() + at, std::min(PIECE, end - at), static_cast<off_t>(at)) <
              0) {
            std::abort();
          }
        }
      });
    }
    for (std::thread& one : readers) one.join();
  });
  ::close(file);
  return taken;
}

// Into variables that were touched before, so that both sides do the same work.
double load_seconds(const settings& s, engine& on, std::vector<std::byte>& memory, bool checksums) {
  variable_store vars{"cpu:0"};
  assignment_map map;
  const std::int64_t tensor_bytes = s.rows() * 4096;
  for (std::int64_t i = 0; i < s.tensors; ++i) {
    if (s.parts == 1) {
      vars.wrap(tensor_name(i), {s.rows(), 1024}, dtype::float32, memory.data() + i * tensor_bytes,
                static_cast<std::size_t>(tensor_bytes), "cpu:0");
    } else {
      vars.get_variable(tensor_name(i), {s.rows(), 1024},
                        {.partitioner = fixed_size_partitioner(s.parts)});
    }
    map.add(tensor_name(i), tensor_name(i));
  }
  init_from_checkpoint(vars, s.prefix, map);
  return time_of([&] { run_initializers(vars, {.checksums = checksums, .on = &on}); });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(const settings& s) {
  constexpr int ROUNDS = 7;
  write_checkpoint(s);
  std::vector<std::byte> memory(static_cast<std::size_t>(s.rows() * 4096 * s.tensors),
                                std::byte{1});
  engine on({.reader_threads = s.threads});
  std::vector<double> ceiling;
  std::vector<double> checked;
  std::vector<double> unchecked;
  for (int i = 0; i < ROUNDS; ++i) {
    ceiling.push_back(ceiling_seconds(s, memory));
    checked.push_back(load_seconds(s, on, memory, true));
    unchecked.push_back(load_seconds(s, on, memory, false));
  }
  const auto bytes = static_cast<double>(memory.size());
  const auto row = [&](const char* what, const std::vector<double>& times) {
    fmt::print("| {} | {:.3f} s | {:.2f} | {:.2f} |\n", what, median(times),
               bytes / median(times) / 1e9, median(ceiling) / median(times));
  };
  fmt::print("{}, {} threads; warm file, {} tensors, {} parts each, {:.0f} MiB; medians of {}\n\n",
             devices().front().description, s.threads, s.tensors, s.parts, bytes / (1 << 20),
             ROUNDS);
  fmt::print("| | time | GB/s | share of the ceiling |\n|---|---|---|---|\n");
  row("plain pread, touched memory", ceiling);
  row("load, every checksum compared", checked);
  row("load, without checksums", unchecked);
}

}  // namespace
}  // namespace warmstart

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: load_bench DIRECTORY [MEBIBYTES [THREADS [PARTS [TENSORS]]]]\n");
    return 2;
  }
  warmstart::settings s;
  const auto number = [&](int i, std::int64_t otherwise) {
    return i < argc ? std::max(1LL, std::strtoll(argv[i], nullptr, 10)) : otherwise;
  };
  s.prefix = std::string(argv[1]) + "/load_bench.ckpt";
  s.bytes = number(2, 512) << 20;
  s.threads = static_cast<std::size_t>(number(3, 2));
  s.parts = number(4, 1);
  s.tensors = number(5, 1);
  warmstart::run(s);
  std::remove((s.prefix + ".index").c_str());
  std::remove((s.prefix + ".data-00000-of-00001").c_str());
}
