#include "formats/tensorflow/bundle/object_graph.hpp"

#include "formats/tensorflow/shared/common_records.hpp"

namespace warmstart::detail {
namespace {

using protozero::pbf_reader;

void parse_attribute(pbf_reader message, std::int64_t node, object_graph& into,
                     const file_place& where) {
  object_graph::attribute made{.node = node, .full_name = {}, .key = {}};
  while (message.next()) {
    if (message.tag() == 2) {
      made.full_name = take_bytes(message, where);
    } else if (message.tag() == 3) {
      made.key = take_bytes(message, where);
    } else {
      message.skip();
    }
  }
  if (!made.key.empty()) into.attributes.push_back(made);
}

void parse_slot(pbf_reader message, object_graph& into, const file_place& where) {
  object_graph::slot made;
  while (message.next()) {
    if (message.tag() == 1) {
      made.variable = take_int32(message, where);
    } else if (message.tag() == 2) {
      made.name = take_bytes(message, where);
    } else if (message.tag() == 3) {
      made.node = take_int32(message, where);
    } else {
      message.skip();
    }
  }
  if (!made.name.empty()) into.slots.push_back(made);
}

void parse_node(pbf_reader message, std::int64_t node, object_graph& into,
                const file_place& where) {
  while (message.next()) {
    if (message.tag() == 2) {
      parse_attribute(take_message(message, where), node, into, where);
    } else if (message.tag() == 3) {
      parse_slot(take_message(message, where), into, where);
    } else {
      message.skip();
    }
  }
}

}  // namespace

object_graph parse_object_graph(std::string_view bytes, const file_place& where) {
  return parse_record(bytes, where, [&](pbf_reader message) {
    object_graph made;
    std::int64_t nodes = 0;
    while (message.next()) {
      if (message.tag() == 1) {
        parse_node(take_message(message, where), nodes++, made, where);
      } else {
        message.skip();
      }
    }
    return made;
  });
}

}  // namespace warmstart::detail
