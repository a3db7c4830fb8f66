#include "formats/tensorflow/shared/common_records.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/file_problem.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

void refuse_record(const file_place& where, const std::string& why) {
  throw error(file_problem(error_code::corrupt, where, why));
}

void expect_wire_type(const pbf_reader& message, pbf_wire_type type, const file_place& where) {
  if (message.wire_type() == type) return;
  refuse_record(where, fmt::format("field {} has wire type {}, expected {}", message.tag(),
                                   static_cast<int>(message.wire_type()), static_cast<int>(type)));
}

std::int64_t take_int64(pbf_reader& message, const file_place& where) {
  expect_wire_type(message, pbf_wire_type::varint, where);
  return message.get_int64();
}

std::int32_t take_int32(pbf_reader& message, const file_place& where) {
  expect_wire_type(message, pbf_wire_type::varint, where);
  return message.get_int32();
}

std::string_view take_bytes(pbf_reader& message, const file_place& where) {
  expect_wire_type(message, pbf_wire_type::length_delimited, where);
  const protozero::data_view bytes = message.get_view();
  return {bytes.data(), bytes.size()};
}

pbf_reader take_message(pbf_reader& message, const file_place& where) {
  expect_wire_type(message, pbf_wire_type::length_delimited, where);
  return message.get_message();
}

namespace {

constexpr std::int32_t CONSUMER_VERSION = 1;
constexpr std::int32_t MIN_PRODUCER_VERSION = 0;

struct version_def {
  std::int32_t producer = 0;
  std::int32_t min_consumer = 0;
  std::vector<std::int32_t> bad_consumers;
};

version_def parse_version(pbf_reader message, const file_place& where) {
  version_def version;
  while (message.next()) {
    if (message.tag() == 1) {
      version.producer = take_int32(message, where);
    } else if (message.tag() == 2) {
      version.min_consumer = take_int32(message, where);
    } else if (message.tag() == 3 && message.wire_type() == pbf_wire_type::varint) {
      version.bad_consumers.push_back(message.get_int32());
    } else if (message.tag() == 3) {
      expect_wire_type(message, pbf_wire_type::length_delimited, where);
      for (const std::int32_t bad : message.get_packed_int32()) {
        version.bad_consumers.push_back(bad);
      }
    } else {
      message.skip();
    }
  }
  return version;
}

std::int64_t parse_dimension(pbf_reader message, const file_place& where) {
  std::int64_t size = 0;
  while (message.next()) {
    if (message.tag() == 1) {
      size = take_int64(message, where);
    } else {
      message.skip();
    }
  }
  return size;
}

slice_extent parse_extent(pbf_reader message, const file_place& where) {
  slice_extent extent;
  bool explicit_length = false;
  while (message.next()) {
    if (message.tag() == 1) {
      extent.start = take_int64(message, where);
    } else if (message.tag() == 2) {
      extent.length = take_int64(message, where);
      explicit_length = extent.length != -1;
    } else {
      message.skip();
    }
  }
  // A length that is missing or -1, without a start, means the whole dimension.
  const bool valid = explicit_length ? extent.start >= 0 && extent.length > 0 : extent.start == 0;
  if (!valid) {
    refuse_record(where,
                  fmt::format("expected a non-negative start and a positive length of a slice, "
                              "found {}, {}",
                              extent.start, extent.length));
  }
  return extent;
}

}  // namespace

void check_version(pbf_reader message, const file_place& where) {
  const version_def version = parse_version(std::move(message), where);
  const auto unsupported = [&](const std::string& why) {
    throw error(file_problem(error_code::unsupported, where, why));
  };
  if (version.producer < MIN_PRODUCER_VERSION) {
    unsupported(fmt::format("checkpoint producer version {} below min producer {}",
                            version.producer, MIN_PRODUCER_VERSION));
  }
  if (version.min_consumer > CONSUMER_VERSION) {
    unsupported(fmt::format("checkpoint min consumer version {} above current version {}",
                            version.min_consumer, CONSUMER_VERSION));
  }
  if (std::find(version.bad_consumers.begin(), version.bad_consumers.end(), CONSUMER_VERSION) !=
      version.bad_consumers.end()) {
    unsupported(fmt::format("checkpoint disallows consumer version {}", CONSUMER_VERSION));
  }
}

shape parse_shape(pbf_reader message, const file_place& where) {
  std::vector<std::int64_t> sizes;
  while (message.next()) {
    if (message.tag() != 2) {
      message.skip();
      continue;
    }
    if (sizes.size() == MAX_RANK) refuse_record(where, fmt::format("rank is above {}", MAX_RANK));
    sizes.push_back(parse_dimension(take_message(message, where), where));
  }
  try {
    return shape(std::move(sizes));
  } catch (const error& bad) {
    refuse_record(where, bad.what());
  }
}

slice parse_slice(pbf_reader message, const file_place& where) {
  std::vector<slice_extent> extents;
  while (message.next()) {
    if (message.tag() != 1) {
      message.skip();
      continue;
    }
    if (extents.size() == MAX_RANK)
      refuse_record(where, fmt::format("a slice's rank is above {}", MAX_RANK));
    extents.push_back(parse_extent(take_message(message, where), where));
  }
  return slice(std::move(extents));
}

}  // namespace warmstart::detail
