#include "contest.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

namespace warmstart::detail {
namespace {

void print(const nlohmann::json& line) {
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

}  // namespace

void measure(std::vector<contestant>& all, int rounds) {
  std::vector<contestant*> order;
  for (contestant& one : all) order.push_back(&one);
  std::mt19937 numbers;  // fixed seed: every run uses the same orders
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), numbers);
    for (contestant* next : order) next->seconds.push_back(next->round());
  }
}

void print_lines(const std::string& load, const std::vector<contestant>& all) {
  for (const contestant& one : all) {
    nlohmann::json shares = nlohmann::json::array();
    for (const ceiling& of : one.shares) {
      shares.push_back({{"of", of.groups}, {"at_least", of.at_least}});
    }
    print({{"load", load},
           {"name", one.name},
           {"files", one.files},
           {"memory", one.memory},
           {"bytes", one.bytes},
           {"group", one.group},
           {"shares", shares},
           {"seconds", one.seconds}});
  }
}

void print_value(const std::string& load, const std::string& name, const std::string& unit,
                 const std::vector<double>& values, double at_most) {
  print({{"load", load}, {"name", name}, {"unit", unit}, {"values", values}, {"at_most", at_most}});
}

}  // namespace warmstart::detail
