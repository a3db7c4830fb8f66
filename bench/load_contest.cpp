#include "load_contest.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "ceilings.hpp"
#include "fresh_pages.hpp"
#include "page_cache.hpp"
#include "stopwatch.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t PAGE_BYTES = 4096;
constexpr auto UNCHECKED = ", without checksums";

// Memory for the largest of the ways and for plain reads of whole pages.
std::size_t room_for(const named_load& what, bool plain_reads) {
  std::size_t room =
      plain_reads ? static_cast<std::size_t>(size_bytes(what.model)) + PAGE_BYTES : 0;
  for (const way& how : what.ways) {
    // Upper limit of parts per tensor in all ways.
    constexpr std::size_t MAX_PARTS = 64;
    room = std::max(room, static_cast<std::size_t>(what.memory_bytes(how)) +
                              kept_memory::ALIGNMENT * MAX_PARTS * what.model.size());
  }
  return room;
}

// Disables stored checksums and those for `verify`, because formats without checksums would have to
// compute the latter while others do not.
load_options without_checksums(load_options options) {
  options.checksums = false;
  options.verifiable = false;
  return options;
}

}  // namespace

load_contest::load_contest(const contest_settings& settings, const named_load& what)
    : settings_(settings),
      what_(what),
      file_(data_path(settings.prefix)),
      bytes_(size_bytes(what.model)),
      to_gpu_(settings.device.kind() != device_kind::cpu),
      memory_(std::make_shared<kept_memory>(room_for(what, !to_gpu_), settings.device)),
      host_memory_(to_gpu_ ? std::make_shared<kept_memory>(room_for({.model = what.model}, true),
                                                           device::host())
                           : memory_) {
  if (settings.just_written) {
    write_into_cache(file_);
  } else {
    bring_into_cache(file_);
  }
  read_plainly(file_, plain_reads::buffered, settings.threads, host_memory_->block());
}

std::vector<contestant> load_contest::warm() {
  add_plain_reads("warm");
  add_link();
  if (!to_gpu_) {
    add_fresh_reads();
    add_other_copies();
  }
  add_ways();
  return std::move(all_);
}

std::vector<contestant> load_contest::written() {
  add_plain_reads("written");
  add_link();
  add_written_loads();
  return std::move(all_);
}

std::vector<contestant> load_contest::cold() {
  add_direct_reads();
  add_plain_reads("cold");
  add_link();
  add_cold_loads();
  return std::move(all_);
}

std::vector<std::string> load_contest::limits(const std::string& reads) const {
  if (to_gpu_) return {reads, "link"};
  return {reads};
}

void load_contest::add_link() {
  if (!to_gpu_) return;
  link_ = std::make_shared<link_ceiling>(settings_.device, bytes_);
  all_.push_back({.name = "plain copies from pinned memory",
                  .memory = "touched",
                  .bytes = bytes_,
                  .group = "link",
                  .round = [this] { return seconds_of([&] { link_->copy(); }); }});
}

void load_contest::add_plain_reads(const std::string& files) {
  const bool are_cold = files == "cold";
  const auto add = [&](const char* name, plain_reads how, const char* group) {
    all_.push_back({.name = name,
                    .files = files,
                    .memory = "touched",
                    .bytes = bytes_,
                    .group = group,
                    .round = [this, how, are_cold] {
                      if (are_cold) drop_from_cache(file_);
                      return seconds_of([&] {
                        read_plainly(file_, how, settings_.threads, host_memory_->block());
                      });
                    }});
  };
  add("pread", plain_reads::buffered, "reads");
  if (!are_cold) add("pread and CRC32C", plain_reads::checked, "checked reads");
}

void load_contest::add_fresh_reads() {
  const auto add = [&](const char* name, fresh_pages::kind kind, const char* group) {
    all_.push_back({.name = name,
                    .files = "warm",
                    .memory = "fresh",
                    .bytes = bytes_,
                    .group = group,
                    .round = [this, kind] {
                      const fresh_pages memory(static_cast<std::size_t>(bytes_), kind);
                      return seconds_of([&] {
                        read_plainly(file_, plain_reads::fresh, settings_.threads, memory.bytes());
                      });
                    }});
  };
  add("pread to 4 KiB pages", fresh_pages::kind::small, "reads to small pages");
  add("pread to huge pages", fresh_pages::kind::huge, "reads to huge pages");
}

void load_contest::add_other_copies() {
  const auto add = [&](const char* name, const char* files, std::int64_t bytes, auto work) {
    all_.push_back(
        {.name = name, .files = files, .memory = "touched", .bytes = bytes, .round = [this, work] {
           return seconds_of([&] { work(settings_.threads, host_memory_->block()); });
         }});
  };
  add("mmap and memcpy", "warm", bytes_, [this](std::size_t threads, std::span<std::byte> memory) {
    copy_mapped(file_, threads, memory);
  });
  add("memcpy", "", static_cast<std::int64_t>(host_memory_->block().size() / 2), copy_memory);
}

void load_contest::add_direct_reads() {
  for (const std::size_t at_once : {1U, 2U, 4U, 8U, 16U}) {
    all_.push_back({.name = fmt::format("O_DIRECT, {} at once", at_once),
                    .files = "cold",
                    .memory = "touched",
                    .bytes = bytes_,
                    .group = "direct reads",
                    .round = [this, at_once] {
                      drop_from_cache(file_);
                      return seconds_of([&] {
                        read_plainly(file_, plain_reads::direct, at_once, host_memory_->block());
                      });
                    }});
  }
}

// Runs the load once here and verifies its bytes. Afterwards the engine has allocated its memory.
void load_contest::add_load(const timed_load& what, contestant made) {
  load_options options = what.options;
  engines_.push_back(
      std::make_shared<engine>(engine_options{.reader_threads = options.reader_threads}));
  options.engine = engines_.back().get();
  made.name = what.name;
  made.bytes = bytes_;
  const auto prepare = [this, &how = what.how, path = what.path, memory = what.memory] {
    single_load made_ready(what_, how, settings_.device, memory);
    made_ready.resolve(path);
    return made_ready;
  };
  single_load first = prepare();
  load_options checked = options;
  checked.checksums = checked.verifiable = true;
  first.run(checked);
  first.verify_all();
  made.round = [this, options, prepare, cold = made.files == "cold",
                fresh = made.memory == "fresh"] {
    if (cold) drop_from_cache(file_);
    if (fresh) ::malloc_trim(0);  // returns freed memory, so that the load gets fresh pages
    return prepare().run(options);
  };
  all_.push_back(std::move(made));
}

void load_contest::add_ways() {
  using source = load_options::scatter_source;
  const load_options usual{.reader_threads = settings_.threads};
  for (const way& how : what_.ways) {
    const bool first = &how == &what_.ways.front();
    contestant made{.files = "warm",
                    .memory = "touched",
                    .group = how.name,
                    .shares = {{.groups = limits("reads"), .at_least = how.at_least}}};
    if (how.of_first > 0) {
      made.shares.push_back({.groups = {what_.ways.front().name}, .at_least = how.of_first});
    }
    timed_load load{.how = how,
                    .name = how.name,
                    .options = usual,
                    .path = settings_.prefix,
                    .memory = memory_};
    add_load(load, made);
    if (!to_gpu_) {
      load.name = how.name + ", mapped";
      load.options.io = load_options::io_mode::mapped;
      contestant mapped = made;
      mapped.group.clear();
      // Mapped is not the default, so it has no target.
      for (auto& share : mapped.shares) share.at_least = 0;
      add_load(load, mapped);
      load.options.io = usual.io;
    } else {
      load.name = how.name + ", from mapped slots";
      load.options.scatter = source::mapped;
      made.group.clear();
      add_load(load, made);
    }
    if (!first) continue;
    load.options = without_checksums(usual);
    load.name = how.name + UNCHECKED;
    made.group = load.name;
    made.shares.front().at_least = 0;
    add_load(load, made);
    add_safetensors(how, usual);
    if (to_gpu_) continue;
    load.name = how.name;
    load.options = usual;
    load.memory = default_memory_resource();
    made.memory = "fresh";
    made.group.clear();
    made.shares = {{.groups = {"reads to huge pages"}, .at_least = how.fresh_at_least}};
    add_load(load, made);
  }
}

// The same bytes after another header.
void load_contest::add_safetensors(const way& how, const load_options& usual) {
  const std::string path = write_safetensors(settings_.prefix, what_.model);
  bring_into_cache(path);
  const auto begin = std::filesystem::file_size(path) - static_cast<std::uintmax_t>(bytes_);
  all_.push_back({.name = "pread after a safetensors header",
                  .files = "warm",
                  .memory = "touched",
                  .bytes = bytes_,
                  .group = "reads of safetensors",
                  .round = [this, path, begin] {
                    return seconds_of([&] {
                      read_plainly(path, plain_reads::buffered, settings_.threads,
                                   host_memory_->block(), begin);
                    });
                  }});
  contestant made{
      .files = "warm", .memory = "touched", .shares = {{.groups = {how.name}, .at_least = 0}}};
  timed_load load{.how = how,
                  .name = how.name + " of safetensors",
                  .options = usual,
                  .path = path,
                  .memory = memory_};
  add_load(load, made);
  load.name += UNCHECKED;
  load.options = without_checksums(usual);
  made.shares = {{.groups = {how.name + UNCHECKED}, .at_least = to_gpu_ ? 0 : 0.95},
                 {.groups = limits("reads of safetensors")}};
  add_load(load, made);
}

void load_contest::add_written_loads() {
  const way& how = what_.ways.front();
  for (const auto& [io, name] : {std::pair(load_options::io_mode::buffered, "buffered"),
                                 {load_options::io_mode::mapped, "mapped"}}) {
    const load_options options{.reader_threads = settings_.threads, .io = io};
    for (const bool checked : {true, false}) {
      add_load({.how = how,
                .name = how.name + ", " + name + (checked ? "" : UNCHECKED),
                .options = checked ? options : without_checksums(options),
                .path = settings_.prefix,
                .memory = memory_},
               {.files = "written",
                .memory = "touched",
                .shares = {{.groups = limits("reads"), .at_least = 0}}});
    }
  }
}

void load_contest::add_cold_loads() {
  const way& how = what_.ways.front();
  const auto add = [&](const std::string& name, const load_options& options, double at_least) {
    add_load({.how = how,
              .name = how.name + ", " + name,
              .options = options,
              .path = settings_.prefix,
              .memory = memory_},
             {.files = "cold",
              .memory = "touched",
              .shares = {{.groups = limits("direct reads"), .at_least = at_least}}});
  };
  add("by default", {}, 0.95);
  add("buffered", {.io = load_options::io_mode::buffered}, 0);
}

}  // namespace warmstart::detail
