#include "host/message_list.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "host/test_folder.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::host {
namespace {

using message::MessageState;

class MessageListTest : public HostTest {
protected:
    // What the rows of the messages themselves say, newest first.
    static std::vector<store::MessagePlace> truth(Host& host, const MessageFilter& filter = {}) {
        std::vector<store::MessagePlace> places;
        const store::Store& store = host.store();
        for (auto rows = store.scan(store::Family::Message, "", ""); rows.valid(); rows.next()) {
            if (rows.key().size() != 16) {
                continue;
            }
            const Hash128 key = store::decode_message_decided(rows.value())->key;
            const auto place = message_place(store, key);
            EXPECT_TRUE(place.has_value());
            if ((filter.states.empty() ||
                 std::count(filter.states.begin(), filter.states.end(), place->state) > 0) &&
                (!filter.reason || filter.reason == place->reason) && place->at >= filter.from &&
                place->at < filter.to) {
                places.push_back(*place);
            }
        }
        std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
            return a.at != b.at ? a.at > b.at : a.key < b.key;
        });
        return places;
    }
    // The whole list, read in pages of `limit`.
    static std::vector<store::MessagePlace> listed(Host& host,
                                                   const MessageFilter& filter = {},
                                                   std::size_t limit = 3) {
        std::vector<store::MessagePlace> places;
        std::optional<MessageCursor> after;
        do {
            const auto page = list_messages(host.store(), filter, after, limit);
            EXPECT_TRUE(page.has_value());
            EXPECT_LE(page->messages.size(), limit);
            for (const ListedMessage& message : page->messages) {
                places.push_back(message.place);
            }
            after = page->after;
        } while (after.has_value());
        return places;
    }
    // Orders of twelve people by day and night; every third has not said yes to e-mail.
    void play(Host& host, int days_long, int crash_every, std::unique_ptr<Host>* owner) {
        for (int i = 0; i < 12; ++i) {
            const std::string user = "user" + std::to_string(i);
            ASSERT_TRUE(submit(host, identify(user)));
            ASSERT_TRUE(i % 3 == 0 || consent(host, user));
        }
        Host* at = &host;
        for (int i = 0; i < days_long * 6; ++i) {
            ASSERT_TRUE(submit(*at, order("user" + std::to_string(i % 12))));
            pass(*at, hours(4));
            if (crash_every > 0 && i % crash_every == crash_every - 1) {
                crash(*owner);
                *owner = open();
                at = owner->get();
                ASSERT_EQ(listed(*at), truth(*at));
            }
        }
    }
    // Of four answers one each: sent, refused, put off, silence.
    void answer_in_turn() {
        sender_->answer = [this](const sender::Mail&) -> std::optional<sender::Outcome> {
            switch (answers_++ % 4) {
                case 0:
                    return sender::Outcome{.kind = sender::OutcomeKind::Sent, .code = 250};
                case 1:
                    return sender::Outcome{.kind = sender::OutcomeKind::Refused, .code = 550};
                case 2:
                    return sender::Outcome{.kind = sender::OutcomeKind::Deferred, .code = 451};
                default:
                    return std::nullopt;
            }
        };
    }

    int answers_ = 0;
};

TEST_F(MessageListTest, SaysWhatTheMessagesSayWhereverItIsKilled) {
    answer_in_turn();
    auto host = open();
    load(*host);
    play(*host, 10, 7, &host);
    const std::vector<store::MessagePlace> all = truth(*host);
    ASSERT_GT(all.size(), 15U);
    EXPECT_EQ(listed(*host), all);
    EXPECT_EQ(listed(*host, {}, 1000), all);
    std::set<MessageState> states;
    for (const store::MessagePlace& place : all) {
        states.insert(place.state);
    }
    EXPECT_TRUE(states.contains(MessageState::Sent));
    EXPECT_TRUE(states.contains(MessageState::Failed));
    EXPECT_TRUE(states.contains(MessageState::InDoubt));
    EXPECT_TRUE(states.contains(MessageState::Refused));
}

TEST_F(MessageListTest, FindsByStateReasonAndTime) {
    auto host = open();
    load(*host);
    play(*host, 6, 0, nullptr);
    MessageFilter filter{.states = {MessageState::Refused}};
    EXPECT_FALSE(listed(*host, filter).empty());
    EXPECT_EQ(listed(*host, filter), truth(*host, filter));
    filter.reason = message::RefusalReason::NoConsent;
    EXPECT_EQ(listed(*host, filter), truth(*host, filter));
    filter = {.states = {MessageState::Refused, MessageState::Sent}};
    EXPECT_GT(listed(*host, filter).size(), listed(*host, {.states = {MessageState::Sent}}).size());
    EXPECT_EQ(listed(*host, filter), truth(*host, filter));
    filter = {.from = test_start + days(3), .to = test_start + days(4)};
    EXPECT_FALSE(listed(*host, filter).empty());
    EXPECT_EQ(listed(*host, filter), truth(*host, filter));
    EXPECT_TRUE(listed(*host, {.states = {MessageState::Queued}}).empty());
}

TEST_F(MessageListTest, FindsByWhatAMessageSays) {
    auto host = open();
    load(*host);
    play(*host, 6, 0, nullptr);
    const std::size_t all = listed(*host).size();
    EXPECT_EQ(listed(*host, {.step = "first"}).size() + listed(*host, {.step = "second"}).size(),
              all);
    EXPECT_EQ(listed(*host, {.template_id = "hello", .language = "en"}).size(), all);
    EXPECT_TRUE(listed(*host, {.journey = "another"}).empty());
    EXPECT_TRUE(listed(*host, {.channel = customer::Channel::Sms}).empty());
    const MessageFilter one{.customers = {"user1"}};
    const std::vector<store::MessagePlace> mine = listed(*host, one, 1);
    EXPECT_EQ(mine.size(), 2U);
    const auto page = list_messages(host->store(), one, std::nullopt, 10);
    EXPECT_EQ(page->messages.front().digest.customer, "user1");
    EXPECT_EQ(page->messages.front().digest.subject, "Hello");
}

TEST_F(MessageListTest, AnOldFolderGetsItsList) {
    answer_in_turn();
    auto host = open();
    load(*host);
    play(*host, 8, 0, nullptr);
    const std::vector<store::MessagePlace> all = truth(*host);
    const std::string from(1, '\xff');
    store::Batch batch(host->store());
    batch.erase_range(store::Family::MessageOf, from, "\xff\xff");
    batch.erase(store::Family::Control, "message_list");
    ASSERT_TRUE(host->store().write(batch, true).has_value());
    EXPECT_TRUE(listed(*host).empty());
    crash(host);
    host = open();
    EXPECT_EQ(listed(*host).size(), all.size());
    EXPECT_EQ(listed(*host), truth(*host));
}

TEST_F(MessageListTest, AHeldMessageStandsThereOnce) {
    auto host = open();
    load(*host);
    ASSERT_TRUE(submit(*host, identify("ann")) && consent(*host, "ann"));
    pass(*host, hours(15));  // Midnight in London: quiet.
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    ASSERT_EQ(listed(*host, {.states = {MessageState::Held}}).size(), 1U);
    crash(host);
    host = open();
    pass(*host, hours(8));
    EXPECT_TRUE(listed(*host, {.states = {MessageState::Held}}).empty());
    EXPECT_EQ(listed(*host).size(), 1U);
    EXPECT_EQ(listed(*host), truth(*host));
}

TEST_F(MessageListTest, WhoIsErasedWhileAMessageIsHeldLeavesNothing) {
    auto host = open();
    load(*host);
    ASSERT_TRUE(submit(*host, identify("ann")) && consent(*host, "ann"));
    pass(*host, hours(15));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    ASSERT_EQ(listed(*host).size(), 1U);
    ASSERT_TRUE(command(*host, {.kind = engine::Command::Kind::Erase, .customer = "ann"}));
    EXPECT_TRUE(listed(*host).empty());
    pass(*host, days(2));
    EXPECT_TRUE(listed(*host).empty());
}

}  // namespace
}  // namespace winback::host
