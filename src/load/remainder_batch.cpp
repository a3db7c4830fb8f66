#include "load/remainder_batch.hpp"

#include <utility>

namespace warmstart::detail {

std::size_t remainder_batch::add(backend& on, const std::byte* data, std::int64_t run_bytes,
                                 std::vector<box_dimension> dimensions,
                                 std::int64_t following_bytes) {
  dimensions_.push_back(std::move(dimensions));
  device_batch& batch = batches_[&on];
  batch.commands.push_back({.data = data,
                            .run_bytes = run_bytes,
                            .dimensions = dimensions_.back(),
                            .following_bytes = following_bytes});
  batch.numbers.push_back(answers_.size());
  answers_.push_back(0);
  return answers_.size() - 1;
}

void remainder_batch::run(load_engine& engine) {
  std::vector<remainder_request> wanted;
  for (auto& [on, batch] : batches_) {
    batch.answers.resize(batch.commands.size());
    wanted.push_back({.backend = on, .commands = batch.commands, .answers = batch.answers});
  }
  engine.remainders(wanted);
  for (const auto& [on, batch] : batches_) {
    for (std::size_t i = 0; i < batch.answers.size(); ++i) {
      answers_[batch.numbers[i]] = batch.answers[i];
    }
  }
}

}  // namespace warmstart::detail
