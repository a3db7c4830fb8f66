#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "contest.hpp"
#include "kept_memory.hpp"
#include "link_ceiling.hpp"
#include "loads.hpp"

namespace warmstart::detail {

struct contest_settings {
  std::string prefix;  ///< of the checkpoint, which must exist
  std::size_t threads = 2;
  warmstart::device device;
  bool just_written = false;  ///< the page cache contains the files as small writes leave them
};

/// The loads of a model, and the ceilings of this machine for the same file.
///
///     warm files     touched memory   plain reads, with CRC32C, from a mapping   |  loads, and
///                                                                                   of safetensors
///                    fresh memory     plain reads to small and to huge pages     |  loads
///     just written   touched memory   plain reads, with CRC32C                   |  loads
///     cold files     touched memory   plain reads, direct reads                  |  loads
class load_contest {
 public:
  load_contest(const contest_settings& settings, const named_load& what);

  [[nodiscard]] std::vector<contestant> warm();
  [[nodiscard]] std::vector<contestant> written();
  [[nodiscard]] std::vector<contestant> cold();

 private:
  void add_link();
  void add_plain_reads(const std::string& files);
  void add_fresh_reads();
  void add_direct_reads();
  void add_other_copies();
  void add_ways();
  void add_written_loads();
  void add_cold_loads();
  struct timed_load {
    const way& how;
    std::string name;
    load_options options = {};
    std::string path;  ///< of the checkpoint
    std::shared_ptr<memory_resource> memory;
  };
  void add_load(const timed_load& what, contestant made);
  void add_safetensors(const way& how, const load_options& usual);
  [[nodiscard]] std::vector<std::string> limits(const std::string& reads) const;

  const contest_settings& settings_;
  const named_load& what_;
  std::string file_;
  std::int64_t bytes_;
  bool to_gpu_;
  std::shared_ptr<kept_memory> memory_;  ///< memory of variables
  /// Memory of ceilings; the same if variables are on the host.
  std::shared_ptr<kept_memory> host_memory_;
  std::shared_ptr<link_ceiling> link_;
  std::vector<std::shared_ptr<engine>> engines_;
  std::vector<contestant> all_;
};

}  // namespace warmstart::detail
