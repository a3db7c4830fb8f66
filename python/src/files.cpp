#include "files.hpp"

#include <nanobind/stl/optional.h>

#include <optional>
#include <string>
#include <utility>

#include "callbacks.hpp"
#include "dlpack.hpp"
#include "text.hpp"
#include "warmstart/error.hpp"

namespace warmstart::python {

namespace nb = nanobind;

namespace {

using shared_object = std::shared_ptr<void>;  // of `keep_alive`

std::string naming(const std::string& path, const char* method) {
  return path + ": the file system's " + method;
}

file_identity identity_of(const shared_object& files, const std::string& path) {
  return ask_python(naming(path, "size"), [&]() -> file_identity {
    const nb::str text = to_text(path);
    const auto size = nb::cast<std::optional<std::int64_t>>(object_of(files).attr("size")(text));
    if (!size || *size < 0) return {};
    return {.size_bytes = *size,
            .modified_ns = nb::cast<std::int64_t>(object_of(files).attr("version")(text))};
  });
}

class python_file final : public file {
 public:
  python_file(std::string path, shared_object files, shared_object opened)
      : path_(std::move(path)), files_(std::move(files)), opened_(std::move(opened)) {}

  [[nodiscard]] const std::string& path() const noexcept override { return path_; }
  [[nodiscard]] file_identity identity() const override { return identity_of(files_, path_); }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    ask_python(naming(path_, "read"), [&] {
      for (const std::span<std::byte> buffer : buffers) {
        read_one(offset_bytes, buffer);
        offset_bytes += static_cast<std::int64_t>(buffer.size());
      }
    });
  }

 private:
  // Takes the memory back from a view that Python may have kept.
  struct lent_memory {
    nb::object view;
    ~lent_memory() {
      if (PyObject* done = PyObject_CallMethod(view.ptr(), "release", nullptr)) {
        Py_DECREF(done);
      } else {
        PyErr_Clear();
      }
    }
  };

  void read_one(std::int64_t offset_bytes, std::span<std::byte> buffer) const {
    const lent_memory lent{
        nb::steal(PyMemoryView_FromMemory(reinterpret_cast<char*>(buffer.data()),
                                          static_cast<Py_ssize_t>(buffer.size()), PyBUF_WRITE))};
    object_of(opened_).attr("read")(offset_bytes, lent.view);
  }

  std::string path_;
  shared_object files_;
  shared_object opened_;
};

class python_files final : public file_system {
 public:
  explicit python_files(nb::object files) : files_(keep_alive(std::move(files))) {}

  [[nodiscard]] file_identity identify(const std::string& path) const override {
    return identity_of(files_, path);
  }

  [[nodiscard]] std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    if (mode == read_mode::direct) {
      throw error(error_code::unsupported,
                  path + ": a file system of Python's has no direct reads; use buffered reads");
    }
    if (!identify(path).exists())
      throw error(error_code::not_found, path + ": the file does not exist");
    return ask_python(naming(path, "open"), [&]() -> std::unique_ptr<file> {
      nb::object opened = object_of(files_).attr("open")(to_text(path));
      return std::make_unique<python_file>(path, files_, keep_alive(std::move(opened)));
    });
  }

  [[nodiscard]] bool is_directory(const std::string& path) const override {
    return ask_python(naming(path, "is_directory"), [&] {
      return nb::cast<bool>(object_of(files_).attr("is_directory")(to_text(path)));
    });
  }

  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const override {
    return ask_python(naming(directory, "list"), [&] {
      return from_texts(object_of(files_).attr("list")(to_text(directory)));
    });
  }

 private:
  shared_object files_;
};

}  // namespace

std::shared_ptr<const file_system> files_from(nb::handle given) {
  if (given.is_none()) return nullptr;
  require_instance(given, "warmstart._files", "FileSystem", "files");
  return std::make_shared<const python_files>(nb::borrow(given));
}

}  // namespace warmstart::python
