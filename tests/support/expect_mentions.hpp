#pragma once

#include <gtest/gtest.h>

#include <string>

/// Expects that a message contains a text.
#define EXPECT_MENTIONS(text, part) \
  EXPECT_NE(std::string(text).find(part), std::string::npos) << (text)
