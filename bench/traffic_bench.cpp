// Measures how well the scatter kernel uses memory, and how many bytes cross the host link. The
// CUDA emulator counts them during whole loads, so the numbers are the same on every machine. Exits
// with 1 if a number misses its bound.
//
// usage: scripts/emulated build/release/bench/traffic_bench [ROWS]   (default: 4096)

#include <cudaemu.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_table.hpp"
#include "support/bundle_writer.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t COLUMNS = 4096;
constexpr std::int64_t PARTS = 8;
constexpr double MAX_LINK_ERROR = 0.05;

/// Loads one tensor, which follows some other bytes, to a variable on cuda:0.
struct load_case {
  std::string name;
  double min_efficiency = 0;  ///< 0 if there is no bound
  std::int64_t bytes_in_front = 0;
  std::optional<partitioner> parts = {};
  dtype stored = dtype::float32;
  dtype wanted = dtype::float32;
  bool big_endian = false;
};

std::vector<load_case> all_cases() {
  std::vector<load_case> cases;
  for (const std::int64_t in_front : {0, 1, 6, 11, 15}) {
    const std::string where = in_front == 0 ? "" : fmt::format(", at offset {}", in_front);
    const double bound = in_front == 0 ? 0.9 : 0.6;
    cases.push_back({"8 row parts" + where, bound, in_front, fixed_size_partitioner(PARTS)});
    cases.push_back({"8 column parts" + where, bound, in_front, fixed_size_partitioner(PARTS, 1)});
  }
  for (const std::int64_t in_front : {0, 1}) {
    const std::string where = in_front == 0 ? "" : fmt::format(", at offset {}", in_front);
    cases.push_back({.name = "bfloat16 to float32" + where,
                     .bytes_in_front = in_front,
                     .stored = dtype::bfloat16});
    cases.push_back({.name = "byte swap" + where, .bytes_in_front = in_front, .big_endian = true});
  }
  return cases;
}

struct counters {
  cudaemu_kernel_totals scatter{};
  std::uint64_t link_bytes = 0;  ///< pinned copies to the device, and sectors that kernels read
};

counters read_counters() {
  counters made;
  cudaemu_for_each_kernel(
      [](void* to, const char* name, const cudaemu_kernel_totals* totals) {
        auto& sum = *static_cast<counters*>(to);
        sum.link_bytes += 32 * totals->host_loads.sectors;
        if (std::string_view(name).find("scatter_kernel") != std::string_view::npos) {
          sum.scatter = *totals;
        }
      },
      &made);
  cudaemu_stats_t stats{};
  stats.struct_size = sizeof(stats);
  cudaemu_stats(&stats);
  made.link_bytes += stats.pinned_copies[CUDAEMU_HOST_TO_DEVICE].bytes;
  return made;
}

struct measured {
  counters counted;
  std::uint64_t chunks = 0;
  double planned_link_bytes = 0;
  double source_bytes = 0;       ///< bytes that the kernel has to read
  double destination_bytes = 0;  ///< bytes that the kernel has to write
};

void write_checkpoint(const load_case& what, std::int64_t rows, const std::string& prefix) {
  test::bundle_writer writer;
  if (what.big_endian) writer.header(test::bundle_writer::header_record(1, true));
  if (what.bytes_in_front > 0) {
    writer.tensor("front", dtype::uint8, {what.bytes_in_front},
                  std::string(static_cast<std::size_t>(what.bytes_in_front), 'x'));
  }
  std::string bytes(static_cast<std::size_t>(rows * COLUMNS) * size_of(what.stored), '\0');
  std::uint32_t noise = 1;
  for (char& byte : bytes) {
    byte = static_cast<char>((noise = noise * 1664525U + 1013904223U) >> 24U);
  }
  writer.tensor("weights", what.stored, {rows, COLUMNS}, bytes);
  writer.write(prefix);
}

measured load(const load_case& what, std::int64_t rows, load_options options) {
  const test::temporary_directory directory;
  const std::string path = directory / "model.ckpt";
  write_checkpoint(what, rows, path);
  variable_store vars("cuda:0");
  vars.get_variable("weights", {rows, COLUMNS}, {.type = what.wanted, .partitioner = what.parts});
  assignment_map map = {{"weights", "weights"}};
  if (what.bytes_in_front > 0) {
    vars.get_variable("front", {what.bytes_in_front}, {.type = dtype::uint8});
    map.add("front", "front");
    // One chunk, so that both are in the same slot.
    options.chunk_bytes = rows * COLUMNS * 4 + 4096;
  }
  init_from_checkpoint(vars, path, map, {.cast = true});
  const load_plan plan = make_plan(vars, options);
  const auto elements = static_cast<double>(rows * COLUMNS);
  measured made{.planned_link_bytes = static_cast<double>(plan.devices.at(0).link_bytes),
                .source_bytes = elements * static_cast<double>(size_of(what.stored)),
                .destination_bytes = elements * static_cast<double>(size_of(what.wanted))};
  for (const load_plan::file& one : plan.files)
    made.chunks += static_cast<std::uint64_t>(one.reads);
  cudaemu_reset_stats();
  run_initializers(vars, options);
  made.counted = read_counters();
  return made;
}

double share(double bytes, std::uint64_t sectors) {
  return sectors == 0 ? 0 : bytes / (32.0 * static_cast<double>(sectors));
}
double share(const cudaemu_traffic& traffic) {
  return share(static_cast<double>(traffic.bytes), traffic.sectors);
}
std::string percent(double value) {
  return value == 0 ? "-" : fmt::format("{:.1f} %", 100 * value);
}

/// Adds the row; returns whether all bounds are met.
bool add_row(text_table& table, const load_case& what, const char* source, const measured& m) {
  const cudaemu_kernel_totals& scatter = m.counted.scatter;
  cudaemu_traffic together{};
  for (const auto* one : {&scatter.device_loads, &scatter.device_stores, &scatter.host_loads}) {
    together.bytes += one->bytes;
    together.sectors += one->sectors;
  }
  const double needed = share(m.source_bytes + m.destination_bytes, together.sectors);
  const double link = static_cast<double>(m.counted.link_bytes) / m.planned_link_bytes;
  const bool kept = scatter.launches > 0 && scatter.launches <= m.chunks &&
                    needed >= what.min_efficiency && std::abs(link - 1) <= MAX_LINK_ERROR;
  table.add({what.name, source, fmt::format("{} / {}", scatter.launches, m.chunks),
             percent(share(scatter.device_loads)), percent(share(scatter.device_stores)),
             percent(share(scatter.host_loads)), percent(share(together)), percent(needed),
             what.min_efficiency > 0 ? ">= " + percent(what.min_efficiency) : "",
             fmt::format("{:.2f} MB", static_cast<double>(m.counted.link_bytes) / 1e6),
             percent(link), kept ? "ok" : "MISSED"});
  return kept;
}

bool run(std::int64_t rows) {
  text_table table({"load", "scatter", "launches / chunks", "device loads", "device stores",
                    "host loads", "together", "needed", "bound", "link", "of plan", ""},
                   {2, 3, 4, 5, 6, 7, 8, 9, 10});
  bool kept = true;
  for (const load_case& what : all_cases()) {
    for (const auto source :
         {load_options::scatter_source::mirrored, load_options::scatter_source::mapped}) {
      const measured m =
          load(what, rows,
               {.reader_threads = 1, .scatter = source, .min_run_bytes = std::int64_t{1} << 40});
      const bool mirrored = source == load_options::scatter_source::mirrored;
      kept &= add_row(table, what, mirrored ? "mirrored" : "mapped", m);
    }
  }
  fmt::print("{}\n", table.str());
  return kept;
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) {
  const auto all = warmstart::devices();
  fmt::print("{}\n", all.front().description);
  if (cudaemu_present() == 0) {
    fmt::print(
        "found no emulator, which provides the counters; run this program with scripts/emulated\n");
    return 0;
  }
  if (all.size() < 2) {
    fmt::print(stderr, "traffic_bench: the emulator has no device\n");
    return 2;
  }
  const std::int64_t rows = argc > 1 ? std::max(8LL, std::strtoll(argv[1], nullptr, 10)) : 4096;
  fmt::print("emulated: {}\n\n", all[1].description);
  fmt::print(
      "float32 [{}, {}] to cuda:0, all of it scattered. Shares are bytes / (32 x sectors) of the\n"
      "scatter kernel: of the bytes that lanes request (all lanes of a warp read the list, so a\n"
      "share can exceed 100 %), and of the bytes that have to move, for which there is a bound.\n"
      "At offset N: the tensor follows another tensor of N bytes in the same chunk. Link: pinned\n"
      "copies, and 32 x sectors of host memory; within 5 % of the plan. At most one launch per\n"
      "chunk.\n\n",
      rows, warmstart::detail::COLUMNS);
  const bool kept = warmstart::detail::run(rows);
  return kept ? 0 : 1;
}
