#include "segment/dependency.h"

#include <gtest/gtest.h>

namespace winback::segment {
namespace {

Segment segment(std::string id, std::string_view text, expr::Symbols& symbols) {
    auto compiled = expr::compile(text, {}, symbols);
    EXPECT_TRUE(compiled.condition.has_value()) << text;
    return {.id = std::move(id), .condition = *std::move(compiled.condition)};
}

TEST(Dependencies, OnlySegmentsThatTheEventCanChangeAreLookedAt) {
    expr::Symbols symbols;
    const Segments segments{
        segment("buyers", R"(ev("Order Completed").any())", symbols),
        segment("viewers", R"(ev("Page Viewed").count() > 3)", symbols),
        segment("big", "user.orders.revenue > 100.0", symbols),
        segment("paying", R"(user.plan == "pro")", symbols),
        segment("quiet", R"(ev("*").within("30d").none())", symbols),
        segment("loyal", R"(in_segment("buyers") && user.plan == "pro")", symbols),
        segment("leaving", R"(score("p_order") < 0.2)", symbols),
    };
    Dependencies dependencies(segments, symbols);
    using Positions = std::vector<std::uint32_t>;
    EXPECT_EQ(dependencies.of_event("Order Completed"), (Positions{0, 2, 4, 5, 6}));
    EXPECT_EQ(dependencies.of_event("Page Viewed"), (Positions{1, 4}));
    EXPECT_EQ(dependencies.of_event("Cart Viewed"), (Positions{4}));
    EXPECT_EQ(dependencies.all().size(), segments.size());
}

TEST(Dependencies, PatternsSelectByPrefix) {
    EXPECT_TRUE(selects("shop.*", "shop.visit"));
    EXPECT_FALSE(selects("shop.*", "shopping"));
    EXPECT_TRUE(selects("*", "anything"));
    EXPECT_FALSE(selects("Order", "Order Completed"));
}

}  // namespace
}  // namespace winback::segment
