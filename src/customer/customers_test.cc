#include "customer/customers.h"

#include <gtest/gtest.h>

namespace winback::customer {
namespace {

TEST(CustomersTest, StartsEmpty) {
    EXPECT_EQ(Customers().size(), 0U);
}

}  // namespace
}  // namespace winback::customer
