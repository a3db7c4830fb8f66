// Warm loads, beside the ceilings of this machine at the same moment: plain parallel pread of the
// same file into touched memory with the same number of threads; for a GPU also plain copies of as
// many bytes from pinned memory. The slower of them is the ceiling.
//
// usage: load_bench DIRECTORY [MEBIBYTES [THREADS [PARTS [TENSORS]]]]
//                   [--device cuda:N [--scatter mirrored|mapped]]
//
// To a GPU, tensors go in PARTS of rows by the copy engine, and in columns (8, or PARTS) by the
// scatter kernel: out of mirrors on the GPU and out of mapped slots, or one of them.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kept_memory.hpp"
#include "link_ceiling.hpp"
#include "load_settings.hpp"
#include "support/bundle_writer.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart {
namespace {

using seconds = std::chrono::duration<double>;

/// A way to load, and how long that took.
struct way {
  std::string name;
  load_options options = {};
  std::optional<partitioner> parts = {};
  std::shared_ptr<engine> on = {};
  std::vector<double> seconds = {};
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
void read_plainly(const settings& s, std::span<std::byte> memory) {
  constexpr std::size_t PIECE = 1 << 20;
  const int file = ::open((s.prefix + ".data-00000-of-00001").c_str(), O_RDONLY | O_CLOEXEC);
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
  ::close(file);
}

double load_seconds(const settings& s, const way& how,
                    const std::shared_ptr<memory_resource>& memory) {
  variable_store vars(s.where, memory);
  assignment_map map;
  for (std::int64_t i = 0; i < s.tensors; ++i) {
    vars.get_variable(tensor_name(i), {s.rows(), 1024}, {.partitioner = how.parts});
    map.add(tensor_name(i), tensor_name(i));
  }
  init_from_checkpoint(vars, s.prefix, map);
  return time_of([&] { run_initializers(vars, how.options); });
}

// With every checksum compared, and without.
void add_ways(std::vector<way>& to, way how, std::size_t threads) {
  how.on = std::make_shared<engine>(engine_options{.reader_threads = threads});
  how.options.on = how.on.get();
  for (const bool checksums : {true, false}) {
    to.push_back(how);
    to.back().name += checksums ? ", every checksum compared" : ", without checksums";
    to.back().options.checksums = checksums;
  }
}

std::vector<way> ways_of(const settings& s) {
  using source = load_options::scatter_source;
  std::vector<way> ways;
  if (!s.scatter) {
    way plain{.name = "load"};
    if (s.parts > 1) plain.parts = fixed_size_partitioner(s.parts);
    add_ways(ways, plain, s.threads);
  }
  if (s.where.kind() == device_kind::cpu) return ways;
  for (const source from : {source::mirrored, source::mapped}) {
    if (s.scatter && *s.scatter != from) continue;
    add_ways(ways,
             {.name = from == source::mirrored ? "columns, mirrored" : "columns, mapped",
              .options = {.scatter = from, .min_run_bytes = std::int64_t{1} << 40},
              .parts = fixed_size_partitioner(s.column_parts(), 1)},
             s.threads);
  }
  return ways;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_table(const settings& s, const std::vector<way>& ceilings,
                 const std::vector<way>& ways) {
  const auto bytes = static_cast<double>(s.all_bytes());
  double slowest = 0;
  for (const way& one : ceilings) slowest = std::max(slowest, median(one.seconds));
  fmt::print("| | time | GB/s | share of the ceiling |\n|---|---|---|---|\n");
  for (const auto* list : {&ceilings, &ways}) {
    for (const way& one : *list) {
      const double taken = median(one.seconds);
      fmt::print("| {} | {:.3f} s | {:.2f} | {:.2f} |\n", one.name, taken, bytes / taken / 1e9,
                 slowest / taken);
    }
  }
}

void run(const settings& s, const device_info& target) {
  const int rounds = target.emulated ? 1 : 7;
  const bool link_wanted = s.where.kind() != device_kind::cpu;
  write_checkpoint(s);
  const auto size_bytes = static_cast<std::size_t>(s.all_bytes());
  const auto parts = static_cast<std::size_t>(s.tensors * s.column_parts());
  const std::size_t room = size_bytes + kept_memory::ALIGNMENT * parts;
  const auto memory = std::make_shared<kept_memory>(room, s.where);
  // To the host both sides read into the same memory: its pages matter.
  const auto host = link_wanted ? std::make_shared<kept_memory>(room, device::host()) : memory;
  const auto read = [&] {
    void* const to = host->allocate(size_bytes, device::host());
    read_plainly(s, {static_cast<std::byte*>(to), size_bytes});
    host->deallocate(to, size_bytes, device::host());
  };
  std::vector<way> ceilings = {{.name = "plain pread, touched memory"}};
  std::optional<link_ceiling> link;
  if (link_wanted) {
    link.emplace(s.where, s.all_bytes());
    ceilings.push_back({.name = "plain copies from pinned memory"});
  }
  std::vector<way> ways = ways_of(s);
  read();
  for (way& one : ways) load_seconds(s, one, memory);  // engines have their memory from here on
  for (int i = 0; i < rounds; ++i) {
    ceilings[0].seconds.push_back(time_of(read));
    if (link) ceilings[1].seconds.push_back(time_of([&] { link->copy(); }));
    for (way& one : ways) one.seconds.push_back(load_seconds(s, one, memory));
  }
  fmt::print("{}{}, {} threads; warm file, {} tensors, {} parts each, {:.0f} MiB; ",
             devices().front().description,
             link ? fmt::format(", {}: {}", to_string(s.where), target.description) : "", s.threads,
             s.tensors, s.parts, static_cast<double>(s.all_bytes()) / (1 << 20));
  if (target.emulated) {
    fmt::print("the device is emulated: times mean nothing, so none are shown\n");
    return;
  }
  fmt::print("medians of {}\n\n", rounds);
  print_table(s, ceilings, ways);
}

}  // namespace
}  // namespace warmstart

int main(int argc, char** argv) try {
  const auto s = warmstart::parse_settings({argv + 1, argv + argc});
  if (!s) {
    fmt::print(stderr,
               "usage: load_bench DIRECTORY [MEBIBYTES [THREADS [PARTS [TENSORS]]]]\n"
               "                  [--device cuda:N [--scatter mirrored|mapped]]\n");
    return 2;
  }
  const auto all = warmstart::devices();
  const auto target =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.which == s->where; });
  if (target == all.end()) {
    fmt::print(stderr, "load_bench: there is no {} here\n", to_string(s->where));
    return 2;
  }
  warmstart::run(*s, *target);
  std::remove((s->prefix + ".index").c_str());
  std::remove((s->prefix + ".data-00000-of-00001").c_str());
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "load_bench: {}\n", thrown.what());
  return 1;
}
