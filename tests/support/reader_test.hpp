#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "model/catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::test {

/// A fixture for readers of single files; tests supply the bytes.
template <catalog (*READ)(const file_system& files, const std::string& path)>
class reader_test : public testing::Test {
 protected:
  explicit reader_test(std::string path) : path_(std::move(path)) {}

  catalog read(const std::string& bytes) {
    files_.put(path_, bundle_writer::bytes_of(bytes));
    return READ(files_, path_);
  }
  /// The text of the error, which must name the file.
  std::string refusal(const std::string& bytes, error_code code = error_code::corrupt) {
    try {
      (void)read(bytes);
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      EXPECT_THAT(bad.what(), testing::HasSubstr(path_));
      return bad.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }

  memory_files files_;

 private:
  std::string path_;
};

}  // namespace warmstart::detail::test
