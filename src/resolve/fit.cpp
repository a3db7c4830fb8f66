#include "resolve/fit.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/file_problem.hpp"

namespace warmstart::detail {
namespace {

/// Why a dtype or shape does not fit; `text` is the difference, and advice if there is any.
struct described_misfit {
  difference between;
  std::string text;
};

described_misfit describe_misfit(difference between, const std::string& advice) {
  std::string text = to_string(between) + advice;
  return {std::move(between), std::move(text)};
}

// At least one of them is set.
described_misfit joined(const std::optional<described_misfit>& a,
                        const std::optional<described_misfit>& b) {
  if (!a) return *b;
  if (!b) return *a;
  return {{a->between.expected + "; " + b->between.expected,
           a->between.found + "; " + b->between.found},
          a->text + "; " + b->text};
}

std::optional<described_misfit> type_misfit(dtype variable, const catalog_tensor& tensor,
                                            bool cast) {
  if (variable == tensor.type) return std::nullopt;
  const std::string expected = "dtype " + std::string(name_of(variable));
  const std::string found(name_of(tensor.type));
  if (tensor.type_guessed) {
    return describe_misfit({expected, "elements of unknown type"},
                           " (the file stores only their size); use a variable of dtype " + found);
  }
  const bool castable = can_cast(tensor.type, variable);
  if (cast && castable) return std::nullopt;
  if (castable) return describe_misfit({expected, found}, " (use the option 'cast' to convert it)");
  return describe_misfit({expected, found}, cast ? ", which cannot be converted" : "");
}

// A suggestion how an entry of the map could fix the mismatch.
std::string shape_hint(const shape& expected, const shape& found) {
  if (expected.element_count() != found.element_count()) return {};
  const bool reversed =
      std::equal(expected.begin(), expected.end(), found.sizes().rbegin(), found.sizes().rend());
  if (reversed && expected.rank() == 2) return " (use the entry's 'transpose' to swap dimensions)";
  return " (same number of elements: use the entry's 'reshape')";
}

std::optional<described_misfit> shape_misfit(const shape& expected, const shape& found) {
  if (expected == found) return std::nullopt;
  return describe_misfit({"shape " + to_string(expected), to_string(found)},
                         shape_hint(expected, found));
}

// Number of elements of the wanted box that pieces store or that are unmapped.
std::int64_t covered_elements(const view& through, const catalog_tensor& tensor,
                              const slice& wanted) {
  std::int64_t count = 0;
  std::vector<slice> gaps;
  through.append_gaps(wanted, gaps);
  for (const slice& gap : gaps) count += gap.lengths().element_count();
  std::vector<box> boxes;
  for (const stored_piece& piece : tensor.pieces) {
    boxes.clear();
    through.append_boxes(piece, wanted, boxes);
    for (const box& one : boxes) count += one.element_count();
  }
  return count;
}

std::string coverage_misfit(std::span<const variable_info* const> rows,
                            const catalog_tensor& tensor, const view* through, row_role role) {
  const bool whole =
      through == nullptr || missing_elements(tensor, slice::all_of(tensor.full_shape)) == 0;
  if (through != nullptr && whole) return {};
  for (const variable_info* row : rows) {
    const slice wanted = wanted_slice(*row, role);
    const std::int64_t missing =
        through == nullptr
            ? missing_elements(tensor, wanted)
            : wanted.lengths().element_count() - covered_elements(*through, tensor, wanted);
    if (missing == 0) continue;
    return "its stored slices do not cover " + to_string(wanted) +
           (through == nullptr ? ": " : " of the transformed tensor: ") + std::to_string(missing) +
           " elements are missing";
  }
  return {};
}

}  // namespace

slice wanted_slice(const variable_info& row, row_role role) {
  return role == row_role::whole ? slice::all_of(row.shape()) : row.slice;
}

tensor_fit find_fit(std::span<const variable_info* const> rows, const catalog_tensor& tensor,
                    const catalog& source, const row_use& use) {
  const variable_info& first = *rows.front();
  const std::string& name = rows.size() == 1 ? first.name : first.full_name;
  const auto refuse = [&](error_code code, const std::string& why) {
    problem bad{.code = code,
                .message = "variable " + name + " cannot take tensor " + tensor.name + " of " +
                           source.path + ": " + why,
                .variable = name,
                .tensor = tensor.name,
                .file = source.path};
    return tensor_fit{.misfit = std::move(bad), .differs = false, .view = nullptr};
  };
  if (!tensor.refusal.reason.empty()) return refuse(tensor.refusal.code, tensor.refusal.reason);
  const shape expected = use.role == row_role::whole ? first.shape() : first.full_shape;
  tensor_fit made;
  if (!use.steps->none()) {
    try {
      made.view = std::make_shared<const view>(*use.steps, tensor.full_shape, expected);
    } catch (const error& bad) {
      return refuse(bad.code(), bad.what());
    }
  }
  const auto types = type_misfit(first.type, tensor, use.cast);
  const auto shapes = shape_misfit(expected, made.view ? made.view->result() : tensor.full_shape);
  if (types || shapes) {
    const described_misfit found = joined(types, shapes);
    made = refuse(error_code::mismatch, found.text);
    made.misfit->expected = found.between.expected;
    made.misfit->found = found.between.found;
    made.differs = true;
    return made;
  }
  const std::string hole = coverage_misfit(rows, tensor, made.view.get(), use.role);
  if (!hole.empty()) return refuse(error_code::mismatch, hole);
  return made;
}

}  // namespace warmstart::detail
