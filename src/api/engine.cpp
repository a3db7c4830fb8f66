#include "warmstart/engine.hpp"

#include "load/engine_access.hpp"

namespace warmstart {

using namespace detail;

engine::engine(const engine_options& options)
    : impl_(at_boundary([&] { return std::make_unique<load_engine>(options.reader_threads); })) {}
engine::engine(engine&&) noexcept = default;
engine& engine::operator=(engine&&) noexcept = default;
engine::~engine() = default;

}  // namespace warmstart
