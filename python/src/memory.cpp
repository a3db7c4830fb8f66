#include "memory.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "callbacks.hpp"
#include "dlpack.hpp"
#include "text.hpp"
#include "warmstart/error.hpp"

namespace warmstart::python {

namespace nb = nanobind;

namespace {

constexpr std::uintptr_t ALIGNMENT = 64;

class python_memory final : public memory_resource {
 public:
  explicit python_memory(nb::object resource) : resource_(keep_alive(std::move(resource))) {}

  void* allocate(std::size_t size_bytes, const device& where) override {
    const auto address = ask_python("the memory resource's allocate", [&] {
      return nb::cast<std::uintptr_t>(
          object_of(resource_).attr("allocate")(size_bytes, to_text(to_string(where))));
    });
    if (address == 0 || address % ALIGNMENT != 0) {
      throw error(error_code::invalid_argument,
                  "the memory resource's allocate gave the address " + std::to_string(address) +
                      "; expected a multiple of " + std::to_string(ALIGNMENT));
    }
    return reinterpret_cast<void*>(address);
  }

  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override {
    if (Py_IsInitialized() == 0) return;
    const nb::gil_scoped_acquire held;
    try {
      object_of(resource_).attr("deallocate")(reinterpret_cast<std::uintptr_t>(data), size_bytes,
                                              to_text(to_string(where)));
    } catch (nb::python_error& raised) {
      raised.restore();
      PyErr_WriteUnraisable(object_of(resource_).ptr());
    }
  }

 private:
  std::shared_ptr<void> resource_;
};

}  // namespace

std::shared_ptr<memory_resource> memory_from(nb::handle given) {
  if (given.is_none()) return default_memory_resource();
  require_instance(given, "warmstart._allocation", "MemoryResource", "memory");
  return std::make_shared<python_memory>(nb::borrow(given));
}

}  // namespace warmstart::python
