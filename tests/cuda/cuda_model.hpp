#pragma once

#include <string>
#include <vector>

#include "support/bundle_writer.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail::test {

/// A checkpoint of many chunks at odd offsets, and variables that want it in every way: as it is,
/// cast, by rows, by columns, in pieces too small for a copy of their own.
class cuda_model {
 public:
  cuda_model() {
    bundle_writer writer;
    writer.tensor("odd", dtype::uint8, {7}, std::string(7, 'x'));
    writer.tensor("rows", dtype::float32, {500, 130}, noise_text(500UL * 130 * 4));
    writer.tensor("columns", dtype::float32, {150, 400}, noise_text(150UL * 400 * 4));
    writer.tensor("ints", dtype::int64, {9000}, noise_text(72'000));
    for (int i = 0; i < 40; ++i) {
      writer.tensor("small/" + std::to_string(i), dtype::float32, {16, 2}, noise_text(128));
    }
    writer.write(path());
  }

  /// Variables in turn on `devices`, and what they are initialized from.
  [[nodiscard]] variable_store make(const std::vector<device>& devices) const {
    return make(devices.front(), round_robin(devices));
  }
  /// All variables on every device.
  [[nodiscard]] variable_store make_replicas(const std::vector<device>& devices) const {
    return make(devices.front(), replicated(devices));
  }

  [[nodiscard]] std::string path() const { return directory_ / "model.ckpt"; }

 private:
  [[nodiscard]] variable_store make(const device& first, const placement& where) const {
    variable_store vars(first);
    vars.get_variable("odd", {7}, {.type = dtype::uint8, .placement = where});
    vars.get_variable("rows", {500, 130},
                      {.partitioner = fixed_size_partitioner(3), .placement = where});
    vars.get_variable("columns", {150, 400},
                      {.partitioner = fixed_size_partitioner(4, 1), .placement = where});
    vars.get_variable("ints", {9000}, {.type = dtype::float32, .placement = where});
    vars.get_variable("again", {150, 400}, {.placement = where});
    for (int i = 0; i < 40; ++i) {
      vars.get_variable("small/" + std::to_string(i), {16, 2}, {.placement = where});
    }
    vars.get_variable("filled", {300}, {.initializer = normal(0, 1, 7), .placement = where});
    init(vars);
    return vars;
  }

 public:
  /// Assigns the checkpoint (again) to the variables that `make` created.
  void init(variable_store& vars) const {
    init_from_checkpoint(vars, path(),
                         {{"odd", "odd"},
                          {"rows", "rows"},
                          {"columns", "columns"},
                          {"ints", "ints"},
                          {"columns", "again"},
                          {"small/", "small/"}},
                         {.cast = true});
  }

 private:
  static std::string noise_text(std::size_t size) {
    std::string text(size, '\0');
    std::uint32_t state = 12345;
    for (char& c : text) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
    return text;
  }

  temporary_directory directory_;
};

/// Many small chunks through few slots.
inline load_options small_chunks() {
  return {.budget_bytes = 6 * (64 + 8) * 1024, .chunk_bytes = 64 * 1024, .reader_threads = 2};
}

}  // namespace warmstart::detail::test
