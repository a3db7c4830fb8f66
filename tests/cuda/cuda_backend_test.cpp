#include "engine/backend_contract.hpp"

namespace warmstart::test {

INSTANTIATE_TEST_SUITE_P(cuda, backend_contract, testing::Values("cuda:0", "cuda:1"));

}  // namespace warmstart::test
