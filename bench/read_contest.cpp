#include "read_contest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/units.hpp"
#include "ceilings.hpp"
#include "descriptor.hpp"
#include "fresh_pages.hpp"
#include "kept_memory.hpp"
#include "page_cache.hpp"
#include "small_reads.hpp"
#include "stopwatch.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t CALLS = 1000;
constexpr std::int64_t ROWS = 1024;
constexpr std::int64_t ROW_BYTES = 16 * kibibyte;
constexpr std::size_t PAGE_BYTES = 4096;
constexpr int MAX_PARTS = 64;
// Targets.
constexpr double MIN_SHARE = 0.8;
constexpr double MAX_SLICE_BYTES = 1.25 * ROW_BYTES;
constexpr double MAX_SCALAR_BYTES = 4 * kibibyte;

/// Three tensors: one for slices of rows, a large one, and a scalar.
stored_model make_model(std::int64_t divisor) {
  return {{"rows", dtype::float32, {std::max<std::int64_t>(ROWS / divisor, 16), ROW_BYTES / 4}},
          {"large",
           dtype::float32,
           {std::max<std::int64_t>(gibibyte / 4096 / divisor, MAX_PARTS), 1024}},
          {"scalar", dtype::float32, {}}};
}

void require(bool done) {
  if (!done) throw error(error_code::corrupt, "the measured call returned a wrong result");
}

}  // namespace

read_contest::read_contest(const read_settings& settings)
    : threads_(settings.threads),
      rounds_(settings.rounds),
      calls_(std::max<std::int64_t>(CALLS / settings.divisor, 10)),
      model_(make_model(settings.divisor)),
      prefix_(fmt::format("{}/read-{}", settings.directory, size_bytes(model_))),
      file_(data_path(prefix_)),
      engine_({.reader_threads = settings.threads}) {
  write_model(prefix_, model_);
  bring_into_cache(file_);
}

void read_contest::measure_reads() {
  memory_ = std::make_shared<kept_memory>(
      static_cast<std::size_t>(large().size_bytes()) + PAGE_BYTES, device::host());
  (void)read_large(plain_reads::buffered, memory_->block());  // touches the memory
  add_plain_reads();
  add_reads();
  finish("read");
  measure_small_reads();
}

void read_contest::measure_verification() {
  add_file_checksums(file_, 0);
  add_file_call("checkpoint::verify", [this] {
    const auto found = checkpoint::open(prefix_).verify({.reader_threads = threads_});
    require(found.damage.empty() && found.bytes == size_bytes(model_));
  });
  for (const int parts : {1, MAX_PARTS}) add_store_verification(parts);
  finish("verify");
}

void read_contest::measure_checksums() {
  const std::string path = write_safetensors(prefix_, model_);
  bring_into_cache(path);
  const auto data_bytes = static_cast<std::size_t>(size_bytes(model_));
  add_file_checksums(path, std::filesystem::file_size(path) - data_bytes);
  add_file_call("compute_checksums", [this, path] {
    require(!compute_checksums(path, "", {.reader_threads = threads_}).text.empty());
  });
  finish("checksum");
}

void read_contest::add_plain_reads() {
  using kind = fresh_pages::kind;
  const auto add = [&](const char* name, plain_reads how, std::optional<kind> fresh) {
    all_.push_back({.name = name,
                    .files = "warm",
                    .memory = fresh ? "fresh" : "touched",
                    .bytes = large().size_bytes(),
                    .group = fresh ? "fresh reads" : "reads",
                    .round = [this, how, fresh] {
                      if (!fresh) return read_large(how, memory_->block());
                      return read_large(how, fresh_pages(memory_->block().size(), *fresh).bytes());
                    }});
  };
  add("pread", plain_reads::buffered, std::nullopt);
  add("pread to 4 KiB pages", plain_reads::fresh, kind::small);
  add("pread to huge pages", plain_reads::fresh, kind::huge);
}

// Reads the large tensor and the scalar that follows it in the file.
double read_contest::read_large(plain_reads how, std::span<std::byte> memory) {
  return seconds_of([&] {
    read_plainly(file_, how, threads_, memory, static_cast<std::size_t>(rows().size_bytes()));
  });
}

void read_contest::add_reads() {
  const auto opened = checkpoint::open(prefix_);
  contestant made{.name = "checkpoint::read",
                  .files = "warm",
                  .memory = "fresh",
                  .bytes = large().size_bytes(),
                  .shares = {{.groups = {"fresh reads"}, .at_least = MIN_SHARE}}};
  made.round = [this, opened] {
    ::malloc_trim(0);  // returns freed memory, so that the read gets fresh pages
    host_tensor read;
    const double seconds =
        seconds_of([&] { read = opened.read("large", {.reader_threads = threads_}); });
    require(std::ssize(read.bytes) == large().size_bytes());
    return seconds;
  };
  all_.push_back(made);
  made.name = "checkpoint::read_into";
  made.memory = "touched";
  made.shares = {{.groups = {"reads"}, .at_least = MIN_SHARE}};
  made.round = [this, opened] {
    const auto wanted = memory_->block().first(static_cast<std::size_t>(large().size_bytes()));
    return seconds_of([&] { opened.read_into("large", wanted, {.engine = &engine_}); });
  };
  all_.push_back(std::move(made));
}

void read_contest::measure_small_reads() {
  const auto opened = checkpoint::open(prefix_);
  const std::int64_t row_count = rows().shape.sizes()[0];
  std::vector<std::byte> row(static_cast<std::size_t>(ROW_BYTES));
  small_reads all(calls_);
  all.add("open and pread, 16 KiB", 0, [&](std::int64_t i) {
    const unique_descriptor from = open_or_throw(file_, O_RDONLY);
    require(::pread(from.get(), row.data(), row.size(), i * 7 % row_count * ROW_BYTES) ==
            std::ssize(row));
  });
  const std::string slice_name =
      fmt::format("checkpoint::read, 16 KiB of {} KiB", rows().size_bytes() / kibibyte);
  all.add(slice_name, MAX_SLICE_BYTES, [&](std::int64_t i) {
    const slice wanted({{i * 7 % row_count, 1}, {0, ROW_BYTES / 4}});
    require(std::ssize(opened.read("rows", wanted).bytes) == ROW_BYTES);
  });
  all.add("checkpoint::read, a scalar", MAX_SCALAR_BYTES,
          [&](std::int64_t /*i*/) { require(opened.read("scalar").bytes.size() == 4); });
  all.measure(rounds_);
  all.print_lines("read");
}

void read_contest::add_file_checksums(const std::string& path, std::size_t begin) {
  all_.push_back({.name = "pread and CRC32C",
                  .files = "warm",
                  .bytes = size_bytes(model_),
                  .group = "file checksums",
                  .round = [this, path, begin] {
                    return seconds_of([&] { checksum_file(path, threads_, begin); });
                  }});
}

void read_contest::add_file_call(const char* name, std::function<void()> work) {
  all_.push_back({.name = name,
                  .files = "warm",
                  .bytes = size_bytes(model_),
                  .shares = {{.groups = {"file checksums"}, .at_least = MIN_SHARE}},
                  .round = [work = std::move(work)] { return seconds_of(work); }});
}

void read_contest::add_store_verification(int parts) {
  const auto memory =
      std::make_shared<kept_memory>(static_cast<std::size_t>(large().size_bytes()) +
                                        kept_memory::ALIGNMENT * static_cast<std::size_t>(parts),
                                    device::host());
  variable_store& vars = stores_.emplace_back(device::host(), memory);
  vars.get_variable(large().name, large().shape,
                    {.type = large().type, .partitioner = fixed_size_partitioner(parts)});
  init_from_checkpoint(vars, prefix_, {{"large", "large"}});
  run_initializers(vars, {.engine = &engine_});
  if (parts == 1) add_memory_checksums(memory->block());
  all_.push_back({.name = fmt::format("verify, {} part{}", parts, parts == 1 ? "" : "s"),
                  .memory = "touched",
                  .bytes = large().size_bytes(),
                  .shares = {{.groups = {"memory checksums"}, .at_least = MIN_SHARE}},
                  .round = [this, &vars] {
                    return seconds_of([&] { require(verify(vars, &engine_).complete()); });
                  }});
}

void read_contest::add_memory_checksums(std::span<const std::byte> memory) {
  const auto same = memory.first(static_cast<std::size_t>(large().size_bytes()));
  all_.push_back(
      {.name = "CRC32C of memory",
       .memory = "touched",
       .bytes = large().size_bytes(),
       .group = "memory checksums",
       .round = [this, same] { return seconds_of([&] { checksum_memory(threads_, same); }); }});
}

void read_contest::finish(const char* load) {
  measure(all_, rounds_);
  print_lines(load, all_);
}

}  // namespace warmstart::detail
