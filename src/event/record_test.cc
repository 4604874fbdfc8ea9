#include "event/record.h"

#include <gtest/gtest.h>

#include "event/event.h"

namespace winback::event {
namespace {

Event rich_event() {
    Event event{.kind = EventKind::Page,
                .surface = Surface::Web,
                .message_id = "m1",
                .user_id = "u",
                .anonymous_id = "a",
                .name = "Page Viewed",
                .time = Timestamp{1234}};
    ValueMap cart;
    cart.set("total", 12.5);
    cart.set("owner", ValueMap());
    event.properties.set("before", ValueList{Value(1), Value("x"), Value(ValueMap())});
    event.properties.set("cart", cart);
    event.properties.set("cart.total", 99);
    event.properties.set("paid", true);
    event.properties.set("none", Value());
    event.properties.set("due", Timestamp{5});
    event.properties.set("context.app", "own");
    ValueMap page;
    page.set("path", "/shoes");
    event.context.set("page", page);
    event.context.set("app", "theirs");
    return event;
}

std::string show(const ValueView& value) {
    switch (value.type) {
        case ValueType::Null:
            return "-";
        case ValueType::Double:
            return std::to_string(value.real).substr(0, 4);
        case ValueType::String:
            return std::string(value.text);
        case ValueType::List:
        case ValueType::Map:
            return "many";
        case ValueType::Bool:
        case ValueType::Int:
        case ValueType::Time:
        case ValueType::Span:
            break;
    }
    return std::to_string(value.integer);
}

struct Pick {
    const char* field;
    const char* value;
};

TEST(FieldPicker, FindsNamesPathsAndTheContext) {
    const std::string bytes = encode(rich_event());
    const Result<RecordHead> head = read_head(bytes);
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->time, Timestamp{1234});
    EXPECT_EQ(head->message_id, "m1");
    EXPECT_EQ(head->name, "Page Viewed");
    for (const Pick& pick :
         {Pick{"paid", "1"}, Pick{"none", "-"}, Pick{"due", "5"}, Pick{"before", "many"},
          Pick{"cart", "many"}, Pick{"cart.total", "99"}, Pick{"cart.owner", "many"},
          Pick{"cart.owner.name", "-"}, Pick{"paid.x", "-"}, Pick{"missing", "-"},
          Pick{"context.app", "own"}, Pick{"context.page.path", "/shoes"},
          Pick{"context.page.title", "-"}, Pick{"app", "-"}, Pick{"page.path", "-"}}) {
        FieldPicker picker({"paid", pick.field});
        std::array<ValueView, 2> out;
        ASSERT_TRUE(picker.pick(*head, out));
        EXPECT_EQ(show(out[0]), "1");
        EXPECT_EQ(show(out[1]), pick.value) << pick.field;
    }
}

TEST(FieldPicker, TellsOfADamagedRecordAsDecodeDoes) {
    const std::string bytes = encode(rich_event());
    FieldPicker picker({"paid", "cart.total", "context.page.path"});
    std::array<ValueView, 3> out;
    const auto reads = [&](std::string_view record) {
        const Result<RecordHead> head = read_head(record);
        return head.has_value() && picker.pick(*head, out);
    };
    EXPECT_TRUE(reads(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(reads(std::string_view(bytes).substr(0, size))) << size;
    }
    EXPECT_FALSE(reads(bytes + "x"));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const char byte : {'\0', '\x07', '\x09', '\xff'}) {
            std::string damaged = bytes;
            damaged[at] = byte;
            EXPECT_EQ(reads(damaged), decode(damaged).has_value()) << at;
        }
    }
}

}  // namespace
}  // namespace winback::event
