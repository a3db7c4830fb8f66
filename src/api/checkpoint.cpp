#include "warmstart/checkpoint.hpp"

#include <span>
#include <utility>
#include <vector>

#include "base/boundary.hpp"
#include "base/checked.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "formats/sidecar/sidecar.hpp"
#include "io/file.hpp"
#include "load/host_reads.hpp"
#include "load/open_once.hpp"
#include "load/small_read.hpp"
#include "load/tensor_info.hpp"

namespace warmstart {

using namespace detail;

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

problem problem_of(const catalog_tensor& tensor, error_code code, const std::string& why) {
  return {.code = code,
          .message = "tensor " + tensor.name + ": " + why,
          .variable = {},
          .tensor = tensor.name};
}

[[noreturn]] void refuse(const catalog_tensor& tensor, error_code code, const std::string& why) {
  throw error(problem_of(tensor, code, why));
}

const catalog_tensor& find_readable(const catalog& in, std::string_view name) {
  const catalog_tensor& found = find_tensor(in, name);
  if (!found.refusal.reason.empty()) refuse(found, found.refusal.code, found.refusal.reason);
  return found;
}

/// Makes a slice explicit. Throws `mismatch` unless all of it is stored.
slice stored_slice(const catalog_tensor& tensor, const slice& wanted) {
  slice where = wanted.within(tensor.full_shape);
  if (const std::int64_t missing = missing_elements(tensor, where); missing != 0) {
    refuse(tensor, error_code::mismatch,
           "slice " + to_string(where) + " is not fully stored: " + std::to_string(missing) +
               " elements are missing");
  }
  return where;
}

std::size_t bytes_of_slice(const catalog_tensor& tensor, const slice& where) {
  return static_cast<std::size_t>(where.lengths().element_count()) * size_of(tensor.type);
}

// Nobody follows or stops the read.
bool may_skip_plan(const read_options& options) {
  return !options.progress && !options.stop.stop_requested();
}

host_tensor read_tensor(const catalog& in, const catalog_tensor& tensor, const slice& wanted,
                        const read_options& options, recent_file& recent) {
  const slice where = stored_slice(tensor, wanted);
  host_tensor made{.type = tensor.type,
                   .shape = where.lengths(),
                   .bytes = host_buffer(bytes_of_slice(tensor, where))};
  const std::span into(made.bytes.data(), made.bytes.size());
  const bool is_read = may_skip_plan(options) && where.covers(tensor.full_shape) &&
                       read_small(in, tensor, into, options.checksums, recent);
  if (is_read) return made;
  std::byte* const destination = made.bytes.data();
  read_slices(in, tensor, std::span(&where, 1), std::span(&destination, 1), options);
  return made;
}

// Adds damage that `check_catalog` does not find: gaps, refusals, tensors without a fixed size.
void check_apart(const catalog& in, const catalog_tensor& tensor, checkpoint::verification& into) {
  if (const std::int64_t missing = unstored_elements(tensor); missing != 0) {
    into.damage.push_back(problem_of(tensor, error_code::mismatch,
                                     "its slices leave gaps: " + std::to_string(missing) + " of " +
                                         std::to_string(tensor.full_shape.element_count()) +
                                         " elements are not stored"));
  }
  if (size_of(tensor.type) == 0) {
    try {
      check_encoded(*or_system_files(in.file_system), in, tensor);
      into.bytes += describe_tensor(in, tensor).size_bytes;
    } catch (const error& bad) {
      into.damage.insert(into.damage.end(), bad.problems().begin(), bad.problems().end());
    }
  } else if (!is_readable(tensor)) {
    into.damage.push_back(problem_of(tensor, tensor.refusal.code, tensor.refusal.reason));
  }
}

}  // namespace

checkpoint::checkpoint(std::shared_ptr<const detail::catalog> catalog)
    : catalog_(std::move(catalog)), recent_(std::make_shared<recent_file>()) {}

checkpoint checkpoint::open(const std::string& path, const std::string& format,
                            std::shared_ptr<const file_system> files) {
  return at_boundary([&] {
    const auto in = or_system_files(files);
    return checkpoint(open_catalog(files, locate_checkpoint(*in, path, format)));
  });
}

const std::string& checkpoint::path() const noexcept {
  return catalog_->path;
}
const std::string& checkpoint::format() const noexcept {
  return catalog_->format;
}

const std::string& checkpoint::missing_names_reason() const noexcept {
  return catalog_->missing_names_reason;
}

bool checkpoint::has_checksums() const noexcept {
  return catalog_->extents.empty() || detail::has_checksums(*catalog_);
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

host_tensor checkpoint::read(std::string_view name, const read_options& options) const {
  return at_boundary([&] {
    const catalog_tensor& tensor = find_readable(*catalog_, name);
    return read_tensor(*catalog_, tensor, slice::all_of(tensor.full_shape), options, *recent_);
  });
}

host_tensor checkpoint::read(std::string_view name, const slice& wanted,
                             const read_options& options) const {
  return at_boundary([&] {
    return read_tensor(*catalog_, find_readable(*catalog_, name), wanted, options, *recent_);
  });
}

void checkpoint::read_into(std::string_view name, std::span<std::byte> destination,
                           const read_options& options) const {
  at_boundary([&] {
    const catalog_tensor& tensor = find_readable(*catalog_, name);
    if (may_skip_plan(options) &&
        read_small(*catalog_, tensor, destination, options.checksums, *recent_)) {
      return;
    }
    const read_target all{.slice = slice::all_of(tensor.full_shape), .destination = destination};
    read_into(name, std::span(&all, 1), options);
  });
}

void checkpoint::read_into(std::string_view name, std::span<const read_target> wanted,
                           const read_options& options) const {
  at_boundary([&] {
    const catalog_tensor& tensor = find_readable(*catalog_, name);
    std::vector<slice> slices;
    std::vector<std::byte*> destinations;
    for (const read_target& one : wanted) {
      slices.push_back(stored_slice(tensor, one.slice));
      const std::size_t expected = bytes_of_slice(tensor, slices.back());
      if (one.destination.size() != expected) {
        refuse(tensor, error_code::invalid_argument,
               "slice " + to_string(slices.back()) + " takes " + std::to_string(expected) +
                   " bytes, but there is memory for " + std::to_string(one.destination.size()));
      }
      destinations.push_back(one.destination.data());
    }
    read_slices(*catalog_, tensor, slices, destinations, options);
  });
}

std::vector<std::string> checkpoint::read_strings(std::string_view name) const {
  return at_boundary([&] {
    return detail::read_strings(*or_system_files(catalog_->file_system), *catalog_,
                                find_tensor(*catalog_, name));
  });
}

checkpoint::verification checkpoint::verify(const read_options& options) const {
  return at_boundary([&] {
    catalog_check found = check_catalog(*catalog_, options);
    verification made;
    made.tensors = static_cast<std::int64_t>(catalog_->tensors.size());
    made.bytes = found.bytes_read;
    made.bytes_unchecked = found.bytes_unchecked;
    made.damage = std::move(found.damage);
    for (const catalog_tensor& tensor : catalog_->tensors) check_apart(*catalog_, tensor, made);
    return made;
  });
}

checkpoint_checksums compute_checksums(const std::string& path, const std::string& format,
                                       const read_options& options,
                                       std::shared_ptr<const file_system> files) {
  return at_boundary([&] {
    const auto in = or_system_files(files);
    catalog of = read_catalog_to_sum(*in, locate_checkpoint(*in, path, format));
    place_files(of, files);
    return checkpoint_checksums{.path = sidecar_path(of),
                                .text = make_sidecar(of, compute_crc32c(of, options))};
  });
}

std::optional<std::string> latest_checkpoint(const std::string& directory) {
  return at_boundary([&] { return find_latest_checkpoint(*system_files(), directory); });
}

}  // namespace warmstart
