// Job files, and what they say of partitions.

#include "cli/job.hpp"
#include "fuzz/targets.hpp"

namespace warmstart::detail::test {

void fuzz_job_file(std::string_view input) {
  cli::job parsed;
  if (!accepts("", [&] { parsed = cli::parse_job(input, "/jobs"); })) return;
  for (const cli::job_variable& one : parsed.variables) {
    if (!one.options.partitioner) continue;
    accepts("", [&] { (void)(*one.options.partitioner)(one.shape, one.options.type); });
  }
}

}  // namespace warmstart::detail::test
