// Writes the tensors of any checkpoint into one safetensors file: a header that says where they
// are, and their bytes.

#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

std::string type_name(ws::dtype type) {
  static const std::map<ws::dtype, std::string> names = {
      {ws::dtype::float64, "F64"},   {ws::dtype::float32, "F32"},  {ws::dtype::float16, "F16"},
      {ws::dtype::bfloat16, "BF16"}, {ws::dtype::int64, "I64"},    {ws::dtype::int32, "I32"},
      {ws::dtype::int16, "I16"},     {ws::dtype::int8, "I8"},      {ws::dtype::uint64, "U64"},
      {ws::dtype::uint32, "U32"},    {ws::dtype::uint16, "U16"},   {ws::dtype::uint8, "U8"},
      {ws::dtype::boolean, "BOOL"},  {ws::dtype::complex64, "C64"}};
  const auto found = names.find(type);
  return found == names.end() ? "" : found->second;
}

// Names in JSON: quotes, backslashes and control characters as \u00XX.
std::string quoted(const std::string& name) {
  const char* const digits = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : name) {
    if (c != '"' && c != '\\' && (c < 0 || c >= 0x20)) {
      text += c;
    } else {
      text += "\\u00";
      text += digits[c / 16];
      text += digits[c % 16];
    }
  }
  return text + '"';
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: to_safetensors CHECKPOINT FILE\n";
    return 2;
  }
  const ws::checkpoint from = ws::checkpoint::open(argv[1]);
  std::vector<std::string> stored;
  std::string header;
  std::int64_t end = 0;
  for (const ws::tensor_info& one : from.tensors()) {
    const std::string type = type_name(one.type);
    if (!one.refusal.empty() || type.empty()) {
      std::cerr << "left out: " << one.name << '\n';
      continue;
    }
    const std::int64_t begin = end;
    end += one.full_shape.element_count() * static_cast<std::int64_t>(ws::size_of(one.type));
    header += header.empty() ? '{' : ',';
    header += quoted(one.name) + ":{\"dtype\":\"" + type +
              "\",\"shape\":" + ws::to_string(one.full_shape) + ",\"data_offsets\":[" +
              std::to_string(begin) + ',' + std::to_string(end) + "]}";
    stored.push_back(one.name);
  }
  header = header.empty() ? "{}" : header + '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');  // so that the data are aligned

  std::ofstream to(argv[2], std::ios::binary);
  for (int byte = 0; byte < 8; ++byte)
    to.put(static_cast<char>(header.size() >> (8 * byte) & 0xff));
  to << header;
  for (const std::string& name : stored) {
    const auto bytes = from.read(name).bytes;
    to.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  }
  to.close();
  if (!to) {
    std::cerr << argv[2] << " cannot be written\n";
    return 1;
  }
  std::cout << stored.size() << " tensors, " << end << " bytes\n";
  return 0;
}
