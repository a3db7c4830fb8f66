#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "warmstart/warmstart.hpp"

namespace warmstart::detail::cli {

// One function per command. Each prints its result to `out`, returns the exit status, and throws
// `error` on failure. `inspect` and `verify` take the path of a checkpoint, `plan` and `run` that
// of a job file. `format`: see `checkpoint_options`.

inline constexpr int EXIT_DONE = 0;
inline constexpr int EXIT_WRONG = 1;  ///< the job is wrong, or the checkpoint is damaged
inline constexpr int EXIT_USAGE = 2;
inline constexpr int EXIT_UNVERIFIABLE = 3;  ///< `verify`: the checkpoint has no checksums

enum class when { automatic, always, never };
enum class shell_kind { bash, zsh };

struct job_options {
  std::optional<warmstart::device> device;
  load_options load;
  std::string dump_directory;  ///< empty: no dump
  std::string trace_path;      ///< empty: no trace
  bool verify = false;
  bool all_rows = false;  ///< lists all rows, however many there are
  bool quiet = false;     ///< prints errors only
  when progress = when::automatic;
};

/// How `verify` and `checksum` read a checkpoint.
struct checkpoint_options {
  std::string format;  ///< empty: detected from the files
  std::size_t reader_threads = 0;
  when progress = when::automatic;
};

struct inspect_options {
  std::string filter;  ///< part of a name, or a pattern with `*` and `?`; empty: all tensors
  bool tree = false;
  int depth = 0;  ///< of the tree; 0: no limit
};

int inspect_command(const std::string& path, const std::string& format,
                    const inspect_options& options, bool json, std::FILE* out);
/// Writes checksums beside a checkpoint whose format has none.
int checksum_command(const std::string& path, const checkpoint_options& options, bool json,
                     std::FILE* out);
int verify_command(const std::string& path, const checkpoint_options& options, bool json,
                   std::FILE* out);
int plan_command(const std::string& job_path, const job_options& options, bool json,
                 std::FILE* out);
int run_command(const std::string& job_path, const job_options& options, bool json, std::FILE* out);
/// Proposes an assignment map for the variables of a job, or the tensors of another checkpoint.
int map_command(const std::string& path, const std::string& target_path, bool json, std::FILE* out);
int devices_command(bool json, std::FILE* out);
/// Prints a script that completes command lines.
int completion_command(shell_kind shell, std::FILE* out);

/// Prints an error: as one JSON object on `out`, or as text on `err`.
void report_error(const error& what, bool json, std::FILE* out, std::FILE* err);

}  // namespace warmstart::detail::cli
