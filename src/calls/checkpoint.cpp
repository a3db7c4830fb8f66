#include "warmstart/checkpoint.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "calls/boundary.hpp"
#include "calls/tensor_info.hpp"
#include "core/assignment.hpp"
#include "core/checked.hpp"
#include "core/variable_info.hpp"
#include "engine/load_engine.hpp"
#include "formats/open_checkpoint.hpp"
#include "io/file.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart {
namespace {

const catalog_tensor& find_tensor(const catalog& in, std::string_view name) {
  const catalog_tensor* found = in.find(name);
  if (found == nullptr) {
    throw error({.code = error_code::not_found,
                 .message = "tensor " + std::string(name) + " is not found in " + in.path,
                 .variable = {},
                 .tensor = std::string(name)});
  }
  return *found;
}

void refuse(const catalog_tensor& tensor, error_code code, const std::string& why) {
  throw error({.code = code,
               .message = "tensor " + tensor.name + ": " + why,
               .variable = {},
               .tensor = tensor.name});
}

load_result run_plan(const transfer_plan& plan, std::byte* destination, bool collect_damage,
                     std::size_t reader_threads) {
  load_engine engine(reader_threads);
  load_result result;
  engine.on_driver([&] {
    backend* const host[] = {&engine.backend_of(device::host())};
    const std::int64_t no_bytes[] = {0};  // nothing is expected of rows
    const auto files = system_files();
    result = engine.load({.plan = &plan,
                          .files = files.get(),
                          .mode = read_mode::buffered,
                          .addresses = std::span(&destination, 1),
                          .backends = host,
                          .row_bytes = no_bytes,
                          .stop = {},
                          .progress = {},
                          .collect_damage = collect_damage});
  });
  return result;
}

plan_options reading_options() {
  plan_options options;
  options.partial = partial_checksums::always;
  options.expectations = false;
  return options;
}

}  // namespace

checkpoint checkpoint::open(const std::string& path, const std::string& format) {
  return at_boundary([&] {
    const auto files = system_files();
    return checkpoint(std::make_shared<const catalog>(
        read_catalog(*files, locate_checkpoint(*files, path, format))));
  });
}

const std::string& checkpoint::path() const noexcept {
  return catalog_->path;
}
const std::string& checkpoint::format() const noexcept {
  return catalog_->format;
}

const std::string& checkpoint::names_missing() const noexcept {
  return catalog_->names_missing;
}

std::vector<tensor_info> checkpoint::tensors() const {
  std::vector<tensor_info> all;
  all.reserve(catalog_->tensors.size());
  for (const catalog_tensor& tensor : catalog_->tensors)
    all.push_back(describe_tensor(*catalog_, tensor));
  return all;
}

bool checkpoint::has(std::string_view name) const {
  return catalog_->find(name) != nullptr;
}

tensor_info checkpoint::info(std::string_view name) const {
  return describe_tensor(*catalog_, find_tensor(*catalog_, name));
}

host_tensor checkpoint::read(std::string_view name) const {
  return read(name, slice::all_of(find_tensor(*catalog_, name).full_shape));
}

host_tensor checkpoint::read(std::string_view name, const slice& wanted) const {
  return at_boundary([&] {
    const catalog_tensor& tensor = find_tensor(*catalog_, name);
    if (!tensor.refusal.reason.empty()) refuse(tensor, tensor.refusal.code, tensor.refusal.reason);
    const slice where = wanted.within(tensor.full_shape);
    if (const std::int64_t missing = missing_elements(tensor, where); missing != 0) {
      refuse(tensor, error_code::mismatch,
             "slice " + to_string(where) + " is not covered by what is stored: " +
                 std::to_string(missing) + " elements are missing");
    }
    variable_info row;
    row.name = tensor.name;
    row.type = tensor.type;
    row.full_shape = tensor.full_shape;
    row.where = where;
    host_tensor made{.type = tensor.type, .of = where.lengths(), .bytes = {}};
    made.bytes.resize(static_cast<std::size_t>(row.size_bytes()));

    const assignment all{
        .row = 0, .checkpoint = 0, .tensor = catalog_->index_of(tensor), .wanted = where};
    const catalog* const catalogs[] = {catalog_.get()};
    const transfer_plan plan =
        make_transfer_plan(std::span(&row, 1), std::span(&all, 1), catalogs, reading_options());
    run_plan(plan, made.bytes.data(), false, 1);
    return made;
  });
}

std::vector<std::string> checkpoint::read_strings(std::string_view name) const {
  return at_boundary([&] {
    return warmstart::read_strings(*system_files(), *catalog_, find_tensor(*catalog_, name));
  });
}

checkpoint::verification checkpoint::verify() const {
  return at_boundary([&] {
    const transfer_plan plan = make_verification_plan(*catalog_, reading_options());
    verification made;
    made.tensors = static_cast<std::int64_t>(catalog_->tensors.size());
    load_result result = run_plan(plan, nullptr, true, 0);
    made.bytes = result.bytes_read;
    // What lies between tensors is read, too.
    made.bytes_unchecked =
        plan.bytes_unchecked == plan.bytes_needed ? made.bytes : plan.bytes_unchecked;
    made.damage = std::move(result.damage);
    for (const catalog_tensor& tensor : catalog_->tensors) {
      if (const std::int64_t missing = unstored_elements(tensor); missing != 0) {
        made.damage.push_back({.code = error_code::mismatch,
                               .message = "tensor " + tensor.name + ": its slices leave gaps: " +
                                          std::to_string(missing) + " of " +
                                          std::to_string(tensor.full_shape.element_count()) +
                                          " elements are not stored",
                               .variable = {},
                               .tensor = tensor.name});
      }
      if (size_of(tensor.type) == 0) {
        try {
          verify_encoded(*system_files(), *catalog_, tensor);
          made.bytes += describe_tensor(*catalog_, tensor).size_bytes;
        } catch (const error& bad) {
          made.damage.insert(made.damage.end(), bad.problems().begin(), bad.problems().end());
        }
      } else if (!is_readable(tensor)) {
        made.damage.push_back({.code = tensor.refusal.code,
                               .message = "tensor " + tensor.name + ": " + tensor.refusal.reason,
                               .variable = {},
                               .tensor = tensor.name});
      }
    }
    return made;
  });
}

checkpoint_checksums compute_checksums(const std::string& path, const std::string& format) {
  return at_boundary([&] {
    const auto files = system_files();
    checksum_sidecar made = make_checksums(*files, locate_checkpoint(*files, path, format));
    return checkpoint_checksums{.path = std::move(made.path), .text = std::move(made.text)};
  });
}

std::optional<std::string> latest_checkpoint(const std::string& directory) {
  return at_boundary([&] { return find_latest_checkpoint(*system_files(), directory); });
}

}  // namespace warmstart
