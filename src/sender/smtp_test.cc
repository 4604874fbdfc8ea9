#include "sender/smtp.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sender/preview.h"
#include "smtp/peer.h"

// A real server on a real socket (test/smtp/peer.h) that fails at a chosen moment.
namespace winback::sender {
namespace {

using test::Action;
using test::Moment;
using test::PeerOptions;
using test::SmtpPeer;

Mail mail_number(int number) {
    Mail mail;
    mail.message_key = "k" + std::to_string(number);
    mail.message_id_domain = "shop.test";
    mail.from = {"Shop", "news@shop.test"};
    mail.to = {"", "c" + std::to_string(number) + "@example.test"};
    mail.subject = "Number " + std::to_string(number);
    mail.text = "Hello " + std::to_string(number) + "\n.\nafter the dot\n";
    return mail;
}

SmtpOptions options_for(std::uint16_t port) {
    SmtpOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.connections_max = 4;
    options.session.tls = TlsMode::None;
    options.session.client_name = "client.test";
    options.reconnect_pause_min = milliseconds(1);
    options.reconnect_pause_max = milliseconds(5);
    return options;
}

// Collects outcomes by message number and counts how often each came.
struct Outcomes {
    std::mutex mutex;
    std::map<int, std::vector<Outcome>> by_number;

    OutcomeCallback callback(int number) {
        return [this, number](const Outcome& outcome) {
            const std::lock_guard lock(mutex);
            by_number[number].push_back(outcome);
        };
    }
    int count(OutcomeKind kind) {
        const std::lock_guard lock(mutex);
        int found = 0;
        for (const auto& [number, outcomes] : by_number) {
            EXPECT_EQ(outcomes.size(), 1U) << number;
            found += outcomes[0].kind == kind ? 1 : 0;
        }
        return found;
    }
    Outcome only(int number) {
        const std::lock_guard lock(mutex);
        EXPECT_EQ(by_number[number].size(), 1U);
        return by_number[number].empty() ? Outcome{} : by_number[number][0];
    }
};

std::unique_ptr<SmtpSender> make(const SmtpOptions& options) {
    auto sender = SmtpSender::create(options);
    EXPECT_TRUE(sender.has_value());
    return std::move(*sender);
}

void send_numbers(Sender& sender, Outcomes& outcomes, int first, int last) {
    for (int i = first; i <= last; ++i) {
        ASSERT_TRUE(sender.submit({mail_number(i)}, outcomes.callback(i)));
    }
    sender.drain();
}

TEST(SmtpSender, DeliversEveryMessageOnceOverReusedConnections) {
    for (const bool pipelining : {true, false}) {
        SmtpPeer peer({.pipelining = pipelining});
        Outcomes outcomes;
        const auto sender = make(options_for(peer.port()));
        send_numbers(*sender, outcomes, 1, 500);
        EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 500);
        EXPECT_LE(peer.connections(), 4);
        std::set<std::string> recipients;
        for (const auto& mail : peer.mails()) {
            recipients.insert(mail.to);
            EXPECT_NE(mail.data.find("\r\n.\r\nafter the dot\r\n"), std::string::npos);
        }
        EXPECT_EQ(recipients.size(), 500U);
        EXPECT_EQ(peer.accepted(), 500);
    }
}

TEST(SmtpSender, TakesOneRoundTripForEachMessageWherePipeliningIsOffered) {
    SmtpPeer peer({.pipelining = true});
    SmtpOptions options = options_for(peer.port());
    options.connections_max = 1;
    Outcomes outcomes;
    const auto sender = make(options);
    send_numbers(*sender, outcomes, 1, 300);
    EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 300);
    EXPECT_LT(peer.reads(), 300 * 2);  // Four round trips a message without it.
}

TEST(SmtpSender, ReportsRefusalsAndGoesOn) {
    PeerOptions behaviour;
    behaviour.act = [](Moment moment, int, int message) -> Action {
        if (moment == Moment::Rcpt && message % 3 == 0) {
            return {.reply = "550 5.1.1 no such user"};
        }
        if (moment == Moment::Dot && message % 3 == 1) {
            return {.reply = "451-4.3.0 try\r\n451 4.3.0 later"};
        }
        return {};
    };
    SmtpPeer peer(behaviour);
    Outcomes outcomes;
    const auto sender = make(options_for(peer.port()));
    send_numbers(*sender, outcomes, 1, 90);
    EXPECT_EQ(outcomes.count(OutcomeKind::Refused), 30);
    EXPECT_EQ(outcomes.count(OutcomeKind::Deferred), 30);
    EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 30);
    EXPECT_EQ(peer.accepted(), 30);
}

TEST(SmtpSender, ReportsOneInDoubtWhenTheReplyToTheDotIsLost) {
    for (const Moment moment_of_death : {Moment::Dot, Moment::Recorded}) {
        PeerOptions behaviour;
        behaviour.act = [&](Moment moment, int, int message) -> Action {
            return {.close = moment == moment_of_death && message == 5};
        };
        SmtpPeer peer(behaviour);
        SmtpOptions options = options_for(peer.port());
        options.connections_max = 1;
        Outcomes outcomes;
        const auto sender = make(options);
        send_numbers(*sender, outcomes, 1, 40);
        EXPECT_EQ(outcomes.count(OutcomeKind::InDoubt), 1);
        EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 39);
        // Nothing that may have left was sent again.
        std::set<std::string> recipients;
        for (const auto& mail : peer.mails()) {
            EXPECT_TRUE(recipients.insert(mail.to).second) << mail.to;
        }
        EXPECT_EQ(peer.accepted(), moment_of_death == Moment::Dot ? 39 : 40);
    }
}

TEST(SmtpSender, ReportsNotSentWhenTheConnectionGoesBeforeTheDot) {
    PeerOptions behaviour;
    behaviour.act = [](Moment moment, int, int message) -> Action {
        return {.close = moment == Moment::BodyStarted && message == 1};
    };
    SmtpPeer peer(behaviour);
    Outcomes outcomes;
    const auto sender = make(options_for(peer.port()));
    Mail large = mail_number(1);
    for (int i = 0; i < 800'000; ++i) {
        large.text += "0123456789\n";  // More than the socket's buffers hold.
    }
    ASSERT_TRUE(sender->submit({large}, outcomes.callback(1)));
    sender->drain();
    EXPECT_EQ(outcomes.only(1).kind, OutcomeKind::NotSent) << outcomes.only(1).text;
    EXPECT_EQ(peer.accepted(), 0);
}

TEST(SmtpSender, ReportsWhatHappenedAtEveryMomentOfLoss) {
    for (const Moment lost_at :
         {Moment::Greeting, Moment::Ehlo, Moment::Mail, Moment::Rcpt, Moment::Data}) {
        PeerOptions behaviour;
        behaviour.act = [&](Moment moment, int, int) -> Action {
            return {.close = moment == lost_at};
        };
        SmtpPeer peer(behaviour);
        Outcomes outcomes;
        const auto sender = make(options_for(peer.port()));
        send_numbers(*sender, outcomes, 1, 3);
        EXPECT_EQ(outcomes.count(OutcomeKind::NotSent), 3);
        EXPECT_EQ(peer.accepted(), 0);
    }
}

TEST(SmtpSender, DoubtsWhenTheServerKeepsSilentAfterTheDot) {
    PeerOptions behaviour;
    behaviour.act = [](Moment moment, int, int) -> Action {
        return {.silent = moment == Moment::Recorded};
    };
    SmtpPeer peer(behaviour);
    SmtpOptions options = options_for(peer.port());
    options.session.timeouts.data_end = milliseconds(30);
    Outcomes outcomes;
    const auto sender = make(options);
    send_numbers(*sender, outcomes, 1, 1);
    EXPECT_EQ(outcomes.only(1).kind, OutcomeKind::InDoubt);
    EXPECT_EQ(outcomes.only(1).text, "the server did not answer in time");
}

TEST(SmtpSender, DoesNotSendWhenTheServerNeverGreets) {
    PeerOptions behaviour;
    behaviour.act = [](Moment, int, int) -> Action { return {.silent = true}; };
    SmtpPeer peer(behaviour);
    SmtpOptions options = options_for(peer.port());
    options.session.timeouts.greeting = milliseconds(30);
    Outcomes outcomes;
    const auto sender = make(options);
    send_numbers(*sender, outcomes, 1, 1);
    EXPECT_EQ(outcomes.only(1).kind, OutcomeKind::NotSent);
}

TEST(SmtpSender, SaysThatTheServerIsDownAndRecovers) {
    std::uint16_t port = 0;
    {
        const SmtpPeer peer({});
        port = peer.port();
    }
    Outcomes outcomes;
    const auto sender = make(options_for(port));
    send_numbers(*sender, outcomes, 1, 10);
    EXPECT_EQ(outcomes.count(OutcomeKind::NotSent), 10);
    EXPECT_EQ(sender->status().last_error,
              "no connection to 127.0.0.1 port " + std::to_string(port) + ": Connection refused");
    SmtpPeer peer({.port = port});
    Outcomes later;
    send_numbers(*sender, later, 1, 10);
    EXPECT_EQ(later.count(OutcomeKind::Sent), 10);
    EXPECT_EQ(sender->status().last_error, "");
}

TEST(SmtpSender, OpensANewConnectionWhenAnIdleOneWasClosed) {
    PeerOptions behaviour;
    behaviour.act = [](Moment moment, int connection, int) -> Action {
        return {.reply = moment == Moment::Recorded ? "250 2.0.0 ok" : "",
                .close_after = moment == Moment::Recorded && connection == 1};
    };
    SmtpPeer peer(behaviour);
    SmtpOptions options = options_for(peer.port());
    options.connections_max = 1;
    Outcomes outcomes;
    const auto sender = make(options);
    send_numbers(*sender, outcomes, 1, 1);
    send_numbers(*sender, outcomes, 2, 2);
    EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 2);
    EXPECT_EQ(peer.connections(), 2);
}

TEST(SmtpSender, ChangesConnectionsWhenTheirLettersAreUsedUp) {
    SmtpPeer peer({});
    SmtpOptions options = options_for(peer.port());
    options.connections_max = 1;
    options.session.letters_max = 10;
    Outcomes outcomes;
    const auto sender = make(options);
    send_numbers(*sender, outcomes, 1, 35);
    EXPECT_EQ(outcomes.count(OutcomeKind::Sent), 35);
    EXPECT_EQ(peer.connections(), 4);
}

TEST(SmtpSender, PushesBackWhenItsQueueIsFull) {
    PeerOptions behaviour;
    behaviour.act = [](Moment, int, int) -> Action { return {.silent = true}; };
    SmtpPeer peer(behaviour);
    SmtpOptions options = options_for(peer.port());
    options.queue_max = 2;
    Outcomes outcomes;
    const auto sender = make(options);
    for (int i = 1; i <= 3; ++i) {
        Outgoing outgoing{mail_number(i)};
        OutcomeCallback callback = outcomes.callback(i);
        EXPECT_EQ(sender->try_submit(outgoing, callback), i <= 2);
        EXPECT_EQ(outgoing.mail.message_key.empty(), i <= 2);
    }
    sender->stop();
    EXPECT_EQ(outcomes.count(OutcomeKind::NotSent), 2);
    EXPECT_FALSE(sender->submit({mail_number(4)}, outcomes.callback(4)));
}

TEST(SmtpSender, StopsWithAnOutcomeForEveryMessageThatWasTaken) {
    SmtpPeer peer({});
    Outcomes outcomes;
    const auto sender = make(options_for(peer.port()));
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2'000; ++i) {
                const int number = t * 10'000 + i;
                if (!sender->submit({mail_number(number)}, outcomes.callback(number))) {
                    return;
                }
                ++taken;
            }
        });
    }
    while (peer.accepted() < 200) {
        std::this_thread::yield();
    }
    sender->stop();
    for (std::thread& thread : threads) {
        thread.join();
    }
    const int sent = outcomes.count(OutcomeKind::Sent);
    EXPECT_EQ(sent + outcomes.count(OutcomeKind::NotSent), taken);
    EXPECT_EQ(sent, peer.accepted());
}

TEST(SmtpSender, RefusesWhatCannotBeComposed) {
    SmtpPeer peer({});
    Outcomes outcomes;
    const auto sender = make(options_for(peer.port()));
    Mail mail = mail_number(1);
    mail.to.address = "nobody";
    ASSERT_TRUE(sender->submit({mail}, outcomes.callback(1)));
    sender->drain();
    EXPECT_EQ(outcomes.only(1).kind, OutcomeKind::Refused);
    EXPECT_EQ(outcomes.only(1).text, "to: e-mail address: no @ where one is needed");
    EXPECT_EQ(peer.connections(), 0);
}

TEST(SmtpSender, SignsInWithoutTlsOnlyWhereAllowed) {
    for (const bool allowed : {true, false}) {
        SmtpPeer peer({.more_offers = "250-AUTH PLAIN LOGIN\r\n"});
        SmtpOptions options = options_for(peer.port());
        options.session.user = "me";
        options.session.password = "secret";
        options.session.allow_plain_auth = allowed;
        Outcomes outcomes;
        const auto sender = make(options);
        send_numbers(*sender, outcomes, 1, 1);
        EXPECT_EQ(outcomes.only(1).kind, allowed ? OutcomeKind::Sent : OutcomeKind::NotSent);
        for (const std::string& line : peer.commands()) {
            EXPECT_EQ(line.starts_with("AUTH"), allowed && line == "AUTH PLAIN AG1lAHNlY3JldA==");
        }
    }
}

TEST(SmtpSender, ChecksItsOptions) {
    const auto refuses = [](auto change) {
        SmtpOptions options = options_for(25);
        change(options);
        return !SmtpSender::create(options).has_value();
    };
    EXPECT_TRUE(refuses([](SmtpOptions& o) { o.session.client_name = "a\r\nRSET"; }));
    EXPECT_TRUE(refuses([](SmtpOptions& o) { o.host = ""; }));
    EXPECT_TRUE(refuses([](SmtpOptions& o) { o.connections_max = 0; }));
    EXPECT_TRUE(refuses([](SmtpOptions& o) { o.ca_file = "/does/not/exist.pem"; }));
    EXPECT_FALSE(refuses([](SmtpOptions& o) { o.session.client_name = "[127.0.0.1]"; }));
}

TEST(PreviewSender, ShowsEverythingAndDeliversNothing) {
    Outcomes outcomes;
    const auto sender = make_preview_sender(4);
    send_numbers(*sender, outcomes, 1, 50);
    EXPECT_EQ(outcomes.count(OutcomeKind::Previewed), 50);
    sender->stop();
    EXPECT_FALSE(sender->submit({mail_number(51)}, outcomes.callback(51)));
}

}  // namespace
}  // namespace winback::sender
