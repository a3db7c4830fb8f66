#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace warmstart::detail {

/// The best that is possible: the slowest of several links, each as fast as the fastest contestant
/// of its group. What a contestant reaches of it is its share.
struct ceiling {
  std::vector<std::string> groups;
  double at_least = 0;  ///< the share that is aimed at; 0: none
};

/// Something that is timed.
struct contestant {
  std::string name;
  std::string files;   ///< in which state: `warm`, `written`, `cold`, or none
  std::string memory;  ///< likewise: `touched`, `fresh`
  std::int64_t bytes = 0;
  std::string group;              ///< of those that do the same thing; may be empty
  std::vector<ceiling> shares;    ///< the first is what the table shows as its share
  std::function<double()> round;  ///< one measurement, in seconds
  std::vector<double> seconds = {};
};

/// Measures all of them `rounds` times, in turns: what disturbs the machine disturbs all alike.
/// Each round has an order of its own, so that nobody always comes after the same neighbour: pages
/// that one gives back, the next one finds.
void measure(std::vector<contestant>& all, int rounds);

/// One line of JSON for each, on standard output: what bench/run makes its table of.
void print_lines(const std::string& load, const std::vector<contestant>& all);

/// A value of another kind, with a bound: `unit` is "bytes", "seconds", "microseconds", "count" or
/// "ratio". The same kind of line.
void print_value(const std::string& load, const std::string& name, const std::string& unit,
                 const std::vector<double>& values, double at_most);

}  // namespace warmstart::detail
