#include "formats/pickle/pickle_machine.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "base/utf8.hpp"
#include "formats/common/tensor_refusals.hpp"

namespace warmstart::detail {
namespace {

constexpr unsigned char STOP = '.';
constexpr std::int64_t MAX_PROGRAM_BYTES = 256 * mebibyte;
constexpr std::size_t MAX_NAME_BYTES = 4096;

}  // namespace

pickle pickle_machine::run() {
  for (;;) {
    opcode_at_ = input_.offset();
    if (opcode_at_ - begin_ > MAX_PROGRAM_BYTES) refuse("it is too long", error_code::unsupported);
    const auto opcode = number<unsigned char>();
    if (opcode == STOP) break;
    const instruction* const known = find(opcode);
    if (known == nullptr) {
      refuse(fmt::format("opcode {:#04x} is not used in plain values", opcode),
             error_code::unsupported);
    }
    (this->*known->run)();
  }
  made_.root = pop();
  made_.end_offset = input_.offset();
  return std::move(made_);
}

void pickle_machine::refuse(const std::string& why, error_code code) const {
  throw error(file_problem(code, {input_.path(), opcode_at_}, "pickle: " + why));
}

std::string_view pickle_machine::take(std::uint64_t count) {
  const auto bytes = input_.take(count);
  if (!bytes) refuse("it ends early");
  return *bytes;
}

std::string pickle_machine::take_line() {
  std::string line;
  for (char next = 0; (next = number<char>()) != '\n';) {
    if (line.size() == MAX_NAME_BYTES) refuse("a name without an end");
    line += next;
  }
  return line;
}

void pickle_machine::push(pickle_value made) {
  made.offset_bytes = opcode_at_;
  push(static_cast<pickle_node>(made_.values.size()));
  made_.values.push_back(std::move(made));
}

void pickle_machine::push_text(std::string text, kind is) {
  if (!is_utf8(text)) refuse("a text is not UTF-8");
  push({.is = is, .text = std::move(text)});
}

pickle_node& pickle_machine::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("its stack is empty");
  return stack_.back();
}

pickle_node pickle_machine::pop() {
  const pickle_node node = top();
  stack_.pop_back();
  return node;
}

std::vector<pickle_node> pickle_machine::pop_to_mark() {
  if (marks_.empty()) refuse("its stack has no mark");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<pickle_node> popped(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return popped;
}

pickle_node pickle_machine::expect(pickle_node node, kind is, const char* what) const {
  const kind found = made_[node].is;
  if (found != is) {
    refuse(fmt::format("{}: expected {}, found {}", what, name_of(is), name_of(found)));
  }
  return node;
}

std::vector<pickle_node>& pickle_machine::items_of_top(kind is) {
  return made_.values[expect(top(), is, "items are added")].items;
}

void pickle_machine::real() {
  skip<8>();
  push({.is = kind::opaque});
}

void pickle_machine::push_long(std::string_view bytes) {
  std::uint64_t value = !bytes.empty() && static_cast<signed char>(bytes.back()) < 0 ? ~0ULL : 0;
  if (bytes.size() > sizeof(value)) {
    push({.is = kind::opaque});
    return;
  }
  std::memcpy(&value, bytes.data(), bytes.size());
  push({.is = kind::integer, .number = static_cast<std::int64_t>(value)});
}

void pickle_machine::push_memo(std::uint32_t index) {
  const auto known = memo_.find(index);
  if (known == memo_.end()) refuse(fmt::format("memo {} is empty", index));
  push(known->second);
}

void pickle_machine::add_elements(const std::vector<pickle_node>& elements) {
  std::vector<pickle_node>& items = items_of_top(kind::list);
  items.insert(items.end(), elements.begin(), elements.end());
}

void pickle_machine::set_item() {
  const pickle_node value = pop();
  add_pairs({pop(), value});
}

void pickle_machine::add_pairs(const std::vector<pickle_node>& pairs) {
  if (pairs.size() % 2 != 0) refuse("a key without a value");
  std::vector<pickle_node>& items = items_of_top(kind::dict);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const kind key = made_[pairs[i]].is;
    if (key == kind::list || key == kind::dict) {
      refuse(fmt::format("{} cannot be a key", name_of(key)));
    }
  }
  items.insert(items.end(), pairs.begin(), pairs.end());
}

}  // namespace warmstart::detail
