#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace warmstart::detail {

/// An upper limit of speed: the slowest of several links, each as fast as the fastest contestant of
/// its group. A contestant's share is the fraction of the ceiling that it reaches.
struct ceiling {
  std::vector<std::string> groups;
  double at_least = 0;  ///< target share; 0 if none
};

/// A candidate whose time is measured.
struct contestant {
  std::string name;
  std::string files;   ///< state of the files: `warm`, `written`, `cold`, or empty
  std::string memory;  ///< state of the memory: `touched`, `fresh`, or empty
  std::int64_t bytes = 0;
  std::string group;  ///< name of the group of contestants that do the same work; may be empty
  std::vector<ceiling> shares;    ///< the table shows the first one as the share
  std::function<double()> round;  ///< one measurement, in seconds
  std::vector<double> seconds = {};
};

/// Measures all contestants `rounds` times in turns, so that other load on the machine affects all
/// of them. The order changes in each round, because a contestant reuses pages that the previous
/// one has freed.
void measure(std::vector<contestant>& all, int rounds);

/// Prints one line of JSON per contestant, which bench/run formats as a table.
void print_lines(const std::string& load, const std::vector<contestant>& all);

/// Prints a line for values of another kind and their upper limit. `unit` is "bytes", "seconds",
/// "microseconds", "count" or "ratio".
void print_value(const std::string& load, const std::string& name, const std::string& unit,
                 const std::vector<double>& values, double at_most);

}  // namespace warmstart::detail
