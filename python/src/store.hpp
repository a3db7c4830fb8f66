#pragma once

#include <atomic>
#include <memory>

#include "warmstart/variable_store.hpp"

namespace warmstart::python {

/// Whether a load uses a store and its variables, which nobody else may use then.
class store_use {
 public:
  /// Throws `invalid_argument` while a load runs.
  void require_idle() const;
  void begin();
  void end() noexcept { loading_ = false; }

 private:
  std::atomic<bool> loading_ = false;
};

struct shared_store {
  variable_store store;
  std::shared_ptr<store_use> use = std::make_shared<store_use>();
  /// The store, if nothing loads.
  [[nodiscard]] variable_store& idle() {
    use->require_idle();
    return store;
  }
};

struct shared_variable {
  variable v;
  std::shared_ptr<store_use> use;
  [[nodiscard]] const variable& idle() const {
    use->require_idle();
    return v;
  }
};

/// A load's claim on a store, as long as it lives.
class load_claim {
 public:
  explicit load_claim(const shared_store& of) : use_(of.use) { use_->begin(); }
  load_claim(const load_claim&) = delete;
  load_claim& operator=(const load_claim&) = delete;
  ~load_claim() { use_->end(); }

 private:
  std::shared_ptr<store_use> use_;
};

}  // namespace warmstart::python
