#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "testing/memory_source.hpp"
#include "warmstart/testing/memory.hpp"

namespace warmstart::testkit {

/// The state that a tracking resource and its tagged views share.
class memory_ledger {
 public:
  explicit memory_ledger(std::shared_ptr<memory_resource> source)
      : source_(required_source(std::move(source))) {}

  void* allocate(std::size_t size_bytes, const device& device, const std::string& tag) {
    const std::scoped_lock lock(mutex_);
    const auto give_back = [&](void* data) { source_->deallocate(data, size_bytes, device); };
    std::unique_ptr<void, decltype(give_back)> data(source_->allocate(size_bytes, device),
                                                    give_back);
    memory_usage& on_device = by_device_[device];
    memory_usage& of_tag = by_tag_[tag];
    if (blocks_.contains(data.get())) {
      mistakes_.push_back(fmt::format("{} bytes on {} were allocated at an address that is in use",
                                      size_bytes, to_string(device)));
    }
    blocks_.emplace(
        data.get(),
        numbered_block{.block = {.size_bytes = size_bytes, .device = device, .tag = tag},
                       .number = all_.allocations});
    for (memory_usage* one : {&all_, &on_device, &of_tag}) {
      one->live_bytes += size_bytes;
      one->peak_bytes = std::max(one->peak_bytes, one->live_bytes);
      ++one->live_allocations;
      ++one->allocations;
    }
    return data.release();
  }

  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto found = blocks_.find(data);
    if (found == blocks_.end()) {
      mistakes_.push_back(fmt::format("{} bytes on {} were deallocated but not allocated",
                                      size_bytes, to_string(device)));
      return;
    }
    const live_block block = std::move(found->second.block);
    blocks_.erase(found);
    if (block.size_bytes != size_bytes || block.device != device) {
      mistakes_.push_back(fmt::format("{} bytes on {} were deallocated as {} bytes on {}",
                                      block.size_bytes, to_string(block.device), size_bytes,
                                      to_string(device)));
    }
    for (memory_usage* one : {&all_, &by_device_.at(block.device), &by_tag_.at(block.tag)}) {
      one->live_bytes -= block.size_bytes;
      --one->live_allocations;
    }
    source_->deallocate(data, block.size_bytes, block.device);
  }

  memory_usage usage() const {
    const std::scoped_lock lock(mutex_);
    return all_;
  }
  memory_usage usage_on(const device& device) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_device_.find(device);
    return found == by_device_.end() ? memory_usage{} : found->second;
  }
  memory_usage usage_of(std::string_view tag) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_tag_.find(tag);
    return found == by_tag_.end() ? memory_usage{} : found->second;
  }

  std::vector<live_block> live() const {
    const std::scoped_lock lock(mutex_);
    std::map<std::size_t, const live_block*> by_number;
    for (const auto& [data, one] : blocks_) by_number[one.number] = &one.block;
    std::vector<live_block> all;
    all.reserve(by_number.size());
    for (const auto& [number, block] : by_number) all.push_back(*block);
    return all;
  }
  std::vector<std::string> mistakes() const {
    const std::scoped_lock lock(mutex_);
    return mistakes_;
  }

 private:
  struct numbered_block {
    live_block block;
    std::size_t number = 0;  ///< of the allocation, in order
  };

  const std::shared_ptr<memory_resource> source_;
  mutable std::mutex mutex_;
  std::multimap<void*, numbered_block> blocks_;  ///< a broken source may return an address twice
  memory_usage all_;
  std::map<device, memory_usage> by_device_;
  std::map<std::string, memory_usage, std::less<>> by_tag_;
  std::vector<std::string> mistakes_;
};

namespace {

constexpr std::size_t LISTED_BLOCKS = 10;  ///< at most, in a message about leaks

class tagged_memory final : public memory_resource {
 public:
  tagged_memory(std::shared_ptr<memory_ledger> ledger, std::string tag)
      : ledger_(std::move(ledger)), tag_(std::move(tag)) {}

  void* allocate(std::size_t size_bytes, const device& device) override {
    return ledger_->allocate(size_bytes, device, tag_);
  }
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override {
    ledger_->deallocate(data, size_bytes, device);
  }

 private:
  std::shared_ptr<memory_ledger> ledger_;
  std::string tag_;
};

}  // namespace

tracking_memory::tracking_memory(std::shared_ptr<memory_resource> source)
    : ledger_(std::make_shared<memory_ledger>(std::move(source))) {}

void* tracking_memory::allocate(std::size_t size_bytes, const device& device) {
  return ledger_->allocate(size_bytes, device, {});
}
void tracking_memory::deallocate(void* data, std::size_t size_bytes,
                                 const device& device) noexcept {
  ledger_->deallocate(data, size_bytes, device);
}

std::shared_ptr<memory_resource> tracking_memory::tagged(std::string tag) const {
  return std::make_shared<tagged_memory>(ledger_, std::move(tag));
}

memory_usage tracking_memory::usage() const {
  return ledger_->usage();
}
memory_usage tracking_memory::usage_on(const device& device) const {
  return ledger_->usage_on(device);
}
memory_usage tracking_memory::usage_of(std::string_view tag) const {
  return ledger_->usage_of(tag);
}
std::vector<live_block> tracking_memory::live() const {
  return ledger_->live();
}

check_result tracking_memory::all_returned() const {
  check_result result;
  const auto add = [&](const std::string& line) {
    result.passed = false;
    if (!result.message.empty()) result.message += '\n';
    result.message += line;
  };
  const std::vector<live_block> blocks = live();
  for (std::size_t i = 0; i < std::min(blocks.size(), LISTED_BLOCKS); ++i) {
    add(fmt::format("{} bytes on {} are still allocated{}", blocks[i].size_bytes,
                    to_string(blocks[i].device),
                    blocks[i].tag.empty() ? "" : " (" + blocks[i].tag + ")"));
  }
  if (blocks.size() > LISTED_BLOCKS) {
    add(fmt::format("and {} more allocations", blocks.size() - LISTED_BLOCKS));
  }
  for (const std::string& one : ledger_->mistakes()) add(one);
  return result;
}

}  // namespace warmstart::testkit
