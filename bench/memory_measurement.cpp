#include "memory_measurement.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/units.hpp"
#include "contest.hpp"
#include "kept_memory.hpp"
#include "support/peak_memory.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t BUDGET_BYTES = 16 * mebibyte;
constexpr std::int64_t BEYOND_BUDGET_BYTES = 32 * mebibyte;

}  // namespace

void measure_memory(const std::string& prefix, const named_load& what, std::size_t threads) {
  const way& how = what.ways.back();  // the way that needs slots
  const std::size_t room = static_cast<std::size_t>(what.memory_bytes(how)) +
                           kept_memory::ALIGNMENT * 64 * what.model.size();
  const auto memory = std::make_shared<kept_memory>(room, device::host());
  std::memset(memory->block().data(), 1, room);
  single_load load(what, how, device::host(), memory);
  const std::int64_t before = test::peak_memory_bytes();
  load.resolve(prefix);
  load.run({.budget_bytes = BUDGET_BYTES, .reader_threads = threads});
  print_value(what.name, "memory beside the variables, " + how.name + ", budget 16 MiB", "bytes",
              {static_cast<double>(test::peak_memory_bytes() - before)},
              static_cast<double>(BUDGET_BYTES + BEYOND_BUDGET_BYTES));
}

}  // namespace warmstart::detail
