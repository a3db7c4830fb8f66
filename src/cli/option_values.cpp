#include "cli/option_values.hpp"

#include <charconv>
#include <system_error>

#include "base/printable.hpp"
#include "cli/byte_count.hpp"
#include "warmstart/device.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

using named_numbers = std::vector<std::pair<std::string, int>>;

// `on or off`, `auto, buffered, direct or mapped`
std::string in_words(const named_numbers& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i].first;
  }
  return text;
}

std::string expected(const std::string& what, const std::string& found) {
  return "expected " + what + ", found '" + printable(found) + "'";
}

}  // namespace

std::string words_of(const named_numbers& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : "|") + word.first;
  return text;
}

CLI::Validator one_of(named_numbers words) {
  return {[words = std::move(words)](std::string& text) -> std::string {
            for (const auto& [word, number] : words) {
              if (word != text) continue;
              text = std::to_string(number);
              return {};
            }
            return expected(in_words(words), text);
          },
          "", "one of"};
}

CLI::Validator number_from(std::size_t lowest, std::size_t highest) {
  return {[lowest, highest](std::string& text) -> std::string {
            std::size_t number = 0;
            const char* const end = text.data() + text.size();
            const auto [stop, failure] = std::from_chars(text.data(), end, number);
            if (failure == std::errc() && stop == end && number >= lowest && number <= highest) {
              return {};
            }
            return expected(
                "a number from " + std::to_string(lowest) + " to " + std::to_string(highest), text);
          },
          "", "number"};
}

CLI::Validator byte_count() {
  return {[](std::string& text) -> std::string {
            try {
              text = std::to_string(parse_byte_count(text));
              return {};
            } catch (const error& bad) {
              return bad.what();
            }
          },
          "", "byte count"};
}

CLI::Validator device_name() {
  return {[](std::string& text) -> std::string {
            try {
              (void)device(text);
              return {};
            } catch (const error& bad) {
              return bad.what();
            }
          },
          "", "device"};
}

}  // namespace warmstart::detail::cli
