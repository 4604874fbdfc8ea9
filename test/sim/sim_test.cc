#include <gtest/gtest.h>

#include "sim/simulate.h"

namespace winback::sim {
namespace {

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromise) {
    EXPECT_EQ(simulate(options_of(GetParam())), "");
}

INSTANTIATE_TEST_SUITE_P(Some, Seeds, testing::Range(std::uint64_t{1}, std::uint64_t{25}));
// A message that was held while others were decided; aliases that crossed while histories were on
// their way; goals of a playbook that was replaced.
INSTANTIATE_TEST_SUITE_P(ThatFailedOnce, Seeds, testing::Values(97, 670, 1440, 1442, 1889, 2177));

}  // namespace
}  // namespace winback::sim
