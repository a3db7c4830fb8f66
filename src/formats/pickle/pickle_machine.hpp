#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle/pickle_reader.hpp"
#include "io/file_cursor.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// The machine that runs a pickle's opcodes: a stack with marks, and a memo.
class pickle_machine {
 public:
  pickle_machine(const file& from, const file_range& where, pickle_dialect symbols)
      : input_(from, where), symbols_(symbols), begin_(where.begin) {}

  /// Runs the program to its end. Call once.
  pickle run();

 private:
  using kind = pickle_kind;

  /// An opcode and its implementation.
  struct instruction {
    unsigned char opcode;
    void (pickle_machine::*run)();
  };
  static const instruction* find(unsigned char opcode) noexcept;

  [[noreturn]] void refuse(const std::string& why, error_code code = error_code::corrupt) const;
  std::string_view take(std::uint64_t count);
  std::string take_line();
  /// Little-endian.
  template <class Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }

  void push(pickle_node node) { stack_.push_back(node); }
  void push(pickle_value made);
  void push_text(std::string text, kind is);
  pickle_node pop();
  pickle_node& top();
  std::vector<pickle_node> pop_to_mark();
  /// The items of the top value, which must be of kind `is`.
  std::vector<pickle_node>& items_of_top(kind is);
  pickle_node expect(pickle_node node, kind is, const char* what) const;

  // Implementations of the opcodes.
  template <int COUNT>
  void skip() {
    (void)take(COUNT);
  }
  template <kind KIND, int NUMBER = 0>
  void constant() {
    push({.is = KIND, .number = NUMBER});
  }
  template <class Number>
  void integer() {
    push({.is = kind::integer, .number = number<Number>()});
  }
  template <class Length>
  void long_integer() {
    push_long(take(length<Length>()));
  }
  template <class Length>
  void text() {
    push_text(std::string(take(length<Length>())), kind::text);
  }
  template <class Length>
  void bytes() {
    (void)take(length<Length>());
    push({.is = kind::opaque});
  }
  void real();
  template <int COUNT>
  void tuple_of() {
    std::vector<pickle_node> items(COUNT);
    for (std::size_t i = COUNT; i-- > 0;) items[i] = pop();
    push({.is = kind::tuple, .items = std::move(items)});
  }
  void tuple() { push({.is = kind::tuple, .items = pop_to_mark()}); }
  void mark() { marks_.push_back(stack_.size()); }
  void append() { add_elements({pop()}); }
  void appends() { add_elements(pop_to_mark()); }
  void set_item();
  void set_items() { add_pairs(pop_to_mark()); }
  template <class Index>
  void put() {
    memo_[number<Index>()] = top();
  }
  void memoize() { memo_[static_cast<std::uint32_t>(memo_.size())] = top(); }
  template <class Index>
  void get() {
    push_memo(number<Index>());
  }
  void global();
  void stack_global();
  void persistent_id() { push({.is = kind::persistent, .items = {pop()}}); }
  void reduce();
  void new_object();
  void build();

  template <class Length>
  std::uint64_t length() {
    const auto count = number<Length>();
    if constexpr (std::is_signed_v<Length>) {
      if (count < 0) refuse("a length is negative");
    }
    return static_cast<std::uint64_t>(count);
  }
  void push_long(std::string_view bytes);
  void push_memo(std::uint32_t index);
  void push_symbol(std::string_view module, std::string_view name);
  void push_dict(const std::vector<pickle_node>& arguments);
  void add_elements(const std::vector<pickle_node>& elements);
  void add_pairs(const std::vector<pickle_node>& pairs);
  symbol_use use_of(pickle_node symbol) const;

  file_cursor input_;
  pickle_dialect symbols_;
  std::int64_t begin_;          ///< of the program, in the file
  std::int64_t opcode_at_ = 0;  ///< offset of the current opcode
  pickle made_;
  std::vector<pickle_node> stack_;
  std::vector<std::size_t> marks_;  ///< stack heights
  std::map<std::uint32_t, pickle_node> memo_;
  std::int64_t copied_ = 0;  ///< items copied into dicts; limits the work
};

}  // namespace warmstart::detail
