#include "engine/backend_contract.hpp"

namespace warmstart::detail::test {

INSTANTIATE_TEST_SUITE_P(host, backend_contract, testing::Values("cpu:0"));

}  // namespace warmstart::detail::test
