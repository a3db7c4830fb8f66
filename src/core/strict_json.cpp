#include "core/strict_json.hpp"

#include <set>
#include <vector>

namespace warmstart {
namespace {

/// Goes over a document without keeping it, and refuses what `parse` takes: keys that are given
/// twice, and lists in lists without end (values that recursion can not follow).
class strict_reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  strict_reader(const std::string& whose, error_code code) : whose_(whose), code_(code) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }

  bool start_object(std::size_t /*size*/) override { return enter(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      refuse("field " +
             nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
             " is given twice in one object");
    }
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t /*size*/) override { return enter(); }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& bad) override {
    throw error(code_, whose_ + " is no JSON: " + bad.what());
  }

 private:
  static constexpr std::size_t MOST_LEVELS = 100;

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(code_, whose_ + ": " + why);
  }

  bool enter() {
    if (keys_.size() == MOST_LEVELS) {
      refuse("lists and objects lie in one another more than " + std::to_string(MOST_LEVELS) +
             " levels deep");
    }
    keys_.emplace_back();
    return true;
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  const std::string& whose_;
  error_code code_;
  std::vector<std::set<std::string>> keys_;  ///< one of each list or object that is open
};

}  // namespace

nlohmann::json parse_strict_json(std::string_view text, const std::string& whose, error_code code) {
  strict_reader strict(whose, code);
  nlohmann::json::sax_parse(text, &strict);
  return nlohmann::json::parse(text);
}

}  // namespace warmstart
