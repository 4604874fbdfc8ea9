#include <gtest/gtest.h>

#include "sim/simulate.h"

namespace winback::sim {
namespace {

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromise) {
    EXPECT_EQ(simulate(options_of(GetParam())), "");
}

INSTANTIATE_TEST_SUITE_P(Some, Seeds, testing::Range(std::uint64_t{1}, std::uint64_t{25}));

}  // namespace
}  // namespace winback::sim
