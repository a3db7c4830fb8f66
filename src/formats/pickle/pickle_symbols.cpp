#include <fmt/format.h>

#include "formats/common/tensor_refusals.hpp"
#include "formats/pickle/pickle_machine.hpp"

namespace warmstart::detail {

void pickle_machine::global() {
  const std::string module = take_line();
  push_symbol(module, take_line());
}

void pickle_machine::stack_global() {
  const pickle_node name = expect(pop(), kind::text, "a symbol's name");
  const pickle_node module = expect(pop(), kind::text, "a symbol's module");
  push_symbol(made_[module].text, made_[name].text);
}

void pickle_machine::push_symbol(std::string_view module, std::string_view name) {
  // Python 2's name of the module.
  if (module == "__builtin__") module = "builtins";
  std::string symbol = fmt::format("{} {}", module, name);
  if (!symbols_(symbol)) {
    refuse("symbol " + in_quotes(symbol) +
               " is not used in plain values; nothing is imported or called",
           error_code::unsupported);
  }
  push_text(std::move(symbol), kind::symbol);
}

symbol_use pickle_machine::use_of(pickle_node symbol) const {
  return *symbols_(made_[expect(symbol, kind::symbol, "a call")].text);
}

void pickle_machine::reduce() {
  const pickle_node arguments = expect(pop(), kind::tuple, "arguments");
  const pickle_node symbol = pop();
  switch (use_of(symbol)) {
    case symbol_use::call:
      return push({.is = kind::call, .items = {symbol, arguments}});
    case symbol_use::dict:
      return push_dict(made_[arguments].items);
    case symbol_use::argument:
      if (made_[arguments].items.size() != 1) refuse("expected one argument");
      return push(made_[arguments].items.front());
    case symbol_use::opaque:
      return push({.is = kind::opaque});
    case symbol_use::value:
    case symbol_use::instance:
      refuse(
          "symbol " + in_quotes(made_[symbol].text) + " is called; plain values need no such call",
          error_code::unsupported);
  }
}

// Makes a dict from nothing, another dict, or a list of pairs.
void pickle_machine::push_dict(const std::vector<pickle_node>& arguments) {
  std::vector<pickle_node> items;
  if (!arguments.empty()) {
    const pickle_value& of = made_[arguments.front()];
    if (arguments.size() > 1 || (of.is != kind::dict && of.is != kind::list)) {
      refuse("expected a dict or a list of pairs");
    }
    // Limit copies: a hostile pickle can make many dicts from one list.
    copied_ += std::ssize(of.items);
    if (copied_ > input_.offset() - begin_) {
      refuse("it builds too many dicts from the same list", error_code::unsupported);
    }
    items = of.is == kind::dict ? of.items : std::vector<pickle_node>();
    for (const pickle_node pair : of.is == kind::list ? of.items : std::vector<pickle_node>()) {
      const pickle_value& two = made_[pair];
      if ((two.is != kind::tuple && two.is != kind::list) || two.items.size() != 2) {
        refuse("expected a list of pairs");
      }
      items.insert(items.end(), two.items.begin(), two.items.end());
    }
  }
  push({.is = kind::dict});
  add_pairs(items);
}

void pickle_machine::new_object() {
  (void)expect(pop(), kind::tuple, "arguments");
  const pickle_node symbol = pop();
  if (use_of(symbol) != symbol_use::instance) {
    refuse("symbol " + in_quotes(made_[symbol].text) + " has no instances in plain values",
           error_code::unsupported);
  }
  push({.is = kind::object, .items = {symbol}});
}

// BUILD on a dict sets attributes of the dict object, not items; ignore them.
void pickle_machine::build() {
  const pickle_node state = pop();
  pickle_value& of = made_.values[top()];
  if (of.is == kind::dict) return;
  if (of.is != kind::object) {
    refuse(fmt::format("{} cannot have a state", name_of(of.is)), error_code::unsupported);
  }
  if (of.items.size() > 1) refuse("an object has two states");
  of.items.push_back(state);
}

}  // namespace warmstart::detail
