// The `checkpoint` file of a directory.

#include "formats/tensorflow/shared/state_file.hpp"

#include "formats/registry/open_checkpoint.hpp"
#include "fuzz/targets.hpp"
#include "io/matching_paths.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_state_file(std::string_view input) {
  memory_files files;
  files.put("d/checkpoint", bundle_writer::bytes_of(std::string(input)));
  files.put("d/m.index", {});
  checkpoint_state state;
  const bool parsed = accepts("d/checkpoint, line ",
                              [&] { state = parse_checkpoint_state(input, "d/checkpoint"); });
  const bool names_one = accepts("d/checkpoint", [&] {
    const auto latest = find_latest_checkpoint(files, "d");
    require(!latest || is_pattern(*latest) || files.is_regular(*latest) ||
                files.is_regular(*latest + ".index"),
            "a checkpoint is found that is not there");
  });
  const std::string& path = state.model_checkpoint_path;
  require(names_one == (parsed && !path.empty() && path.find('\0') == std::string::npos),
          "a state file is understood in one place, and not in another");
}

}  // namespace warmstart::detail::test
