#include "sender/smtp_session.h"

#include <string>

#include <gtest/gtest.h>

namespace winback::sender {
namespace {

// Speaks with a session as server and as transport. `says` returns what the client put out.
struct Dialogue {
    explicit Dialogue(SessionOptions options = plain_options()) : session(std::move(options)) {}

    static SessionOptions plain_options() {
        SessionOptions options;
        options.tls = TlsMode::None;
        options.client_name = "client.test";
        return options;
    }

    std::string written() {
        std::string out;
        session.swap_output(out);
        session.writing(out.size());
        session.wrote(out.size());
        return out;
    }
    // The bytes are handed to a write, but nothing is known of how it ended.
    std::string being_written() {
        std::string out;
        session.swap_output(out);
        session.writing(out.size());
        return out;
    }
    std::string says(std::string_view text) {
        session.receive(text);
        return written();
    }
    void sign_in(std::string_view offers = "250-PIPELINING\r\n") {
        session.open(false);
        says("220 hi\r\n");
        says("250-sink.test\r\n" + std::string(offers) + "250 OK\r\n");
    }
    void take(std::uint64_t id, std::string_view message = "body\r\n") {
        Letter letter;
        letter.id = id;
        letter.from = "from@shop.test";
        letter.to = "to" + std::to_string(id) + "@example.test";
        letter.size = message.size();
        letter.wire = stuff_dots(message);
        session.take(std::move(letter));
    }
    // "id kind code enhanced text" for each letter that ended, "*" if another connection may try.
    std::string ended() {
        std::string out;
        for (const Finished& finished : session.take_finished()) {
            const Outcome& outcome = finished.outcome;
            out += out.empty() ? "" : "\n";
            out += std::to_string(finished.letter.id) + ' ' + to_string(outcome.kind) + ' ' +
                   std::to_string(outcome.code) + ' ' + outcome.enhanced + ' ' + outcome.text +
                   (finished.try_elsewhere ? " *" : "");
        }
        return out;
    }

    SmtpSession session;
};

const std::string envelope_1 =
    "MAIL FROM:<from@shop.test>\r\nRCPT TO:<to1@example.test>\r\nDATA\r\n";
const std::string envelope_2 =
    "MAIL FROM:<from@shop.test>\r\nRCPT TO:<to2@example.test>\r\nDATA\r\n";

TEST(SmtpSession, SendsBodyAndNextEnvelopeInOneWrite) {
    Dialogue d;
    d.sign_in();
    d.take(1);
    EXPECT_EQ(d.written(), envelope_1);
    EXPECT_FALSE(d.session.can_take());
    d.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    ASSERT_TRUE(d.session.can_take());
    d.take(2);
    EXPECT_EQ(d.written(), "body\r\n.\r\n" + envelope_2);
    EXPECT_EQ(d.says("250 2.0.0 queued as 77\r\n250 ok\r\n250 ok\r\n354 go\r\n"), "body\r\n.\r\n");
    EXPECT_EQ(d.ended(), "1 sent 250 2.0.0 queued as 77");
    d.says("250-2.0.0 two\r\n250 2.0.0 lines\r\n");
    EXPECT_EQ(d.ended(), "2 sent 250 2.0.0 two lines");
    EXPECT_TRUE(d.session.idle());
}

TEST(SmtpSession, WaitsForEachReplyWithoutPipelining) {
    Dialogue d;
    d.sign_in("");
    d.take(1);
    EXPECT_EQ(d.written(), "MAIL FROM:<from@shop.test>\r\n");
    EXPECT_EQ(d.says("250 ok\r\n"), "RCPT TO:<to1@example.test>\r\n");
    EXPECT_EQ(d.says("250 ok\r\n"), "DATA\r\n");
    EXPECT_EQ(d.says("354 go\r\n"), "body\r\n.\r\n");
    EXPECT_FALSE(d.session.can_take());
    EXPECT_EQ(d.says("250 ok\r\n"), "");
    EXPECT_EQ(d.ended(), "1 sent 250  ok");
    EXPECT_TRUE(d.session.can_take());
}

TEST(SmtpSession, DoesNotPipelineWhenToldNotTo) {
    SessionOptions options = Dialogue::plain_options();
    options.pipelining = false;
    Dialogue d(options);
    d.sign_in();
    d.take(1);
    EXPECT_EQ(d.written(), "MAIL FROM:<from@shop.test>\r\n");
}

TEST(SmtpSession, TellsRefusedFromDeferred) {
    struct Case {
        const char* replies;
        const char* ended;
        const char* answer;
    };
    const Case cases[] = {
        {"550 5.1.0 bad sender\r\n503 no\r\n503 no\r\n", "1 refused 550 5.1.0 bad sender",
         "RSET\r\n"},
        {"250 ok\r\n550 5.1.1 no such user\r\n554 no\r\n", "1 refused 550 5.1.1 no such user",
         "RSET\r\n"},
        {"250 ok\r\n451 4.7.1 greylisted\r\n503 no\r\n", "1 deferred 451 4.7.1 greylisted",
         "RSET\r\n"},
        {"250 ok\r\n250 ok\r\n452 4.3.1 full\r\n", "1 deferred 452 4.3.1 full", "RSET\r\n"},
        // Taken although no recipient was: a lone dot ends it, and its reply changes nothing.
        {"250 ok\r\n550 5.1.1 no such user\r\n354 go\r\n", "", ".\r\n"},
        {"250 ok\r\n550 5.1.1 no such user\r\n354 go\r\n250 ok\r\n",
         "1 refused 550 5.1.1 no such user", ".\r\n"},
    };
    for (const Case& c : cases) {
        Dialogue d;
        d.sign_in();
        d.take(1);
        d.written();
        EXPECT_EQ(d.says(c.replies), c.answer) << c.replies;
        EXPECT_EQ(d.ended(), c.ended) << c.replies;
        EXPECT_FALSE(d.session.closed()) << c.replies;
    }
}

TEST(SmtpSession, ReadsTheReplyToTheFinalDot) {
    struct Case {
        const char* reply;
        const char* ended;
        bool closed;
    };
    const Case cases[] = {
        {"250 2.0.0 ok\r\n", "1 sent 250 2.0.0 ok", false},
        {"552 5.3.4 too big\r\n", "1 refused 552 5.3.4 too big", false},
        {"451 4.3.0 later\r\n", "1 deferred 451 4.3.0 later", false},
        {"421 4.3.2 going down\r\n", "1 deferred 421 4.3.2 going down", true},
        {"354 what\r\n", "1 in_doubt 0  the server is out of step: 354 what", true},
        {"hello\r\n", "1 in_doubt 0  the server does not speak SMTP", true},
    };
    for (const Case& c : cases) {
        Dialogue d;
        d.sign_in();
        d.take(1);
        d.written();
        d.says("250 ok\r\n250 ok\r\n354 go\r\n");
        d.says(c.reply);
        EXPECT_EQ(d.ended(), c.ended);
        EXPECT_EQ(d.session.closed(), c.closed) << c.reply;
    }
}

TEST(SmtpSession, KnowsWhatIsInDoubtWhenTheConnectionGoes) {
    Dialogue before;
    before.sign_in();
    before.take(1);
    before.written();
    before.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    before.session.lost("reset");  // The body was never handed to a write.
    EXPECT_EQ(before.ended(), "1 not_sent 0  reset");

    Dialogue cut;
    cut.sign_in();
    cut.take(1);
    cut.written();
    cut.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    std::string out;
    cut.session.swap_output(out);
    cut.session.writing(out.size());
    cut.session.wrote(std::string_view("body\r\n").size());  // All but the final dot.
    cut.session.lost("reset");
    EXPECT_EQ(cut.ended(), "1 not_sent 0  reset");

    Dialogue unknown;
    unknown.sign_in();
    unknown.take(1);
    unknown.written();
    unknown.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    unknown.being_written();
    unknown.session.lost("reset");
    EXPECT_EQ(unknown.ended(), "1 in_doubt 0  reset");

    Dialogue failed;
    failed.sign_in();
    failed.take(1);
    failed.written();
    failed.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    failed.being_written();
    failed.session.write_failed_unsent();
    failed.session.lost("reset");
    EXPECT_EQ(failed.ended(), "1 not_sent 0  reset");
}

TEST(SmtpSession, DoubtsOnlyTheLetterWhoseDotLeft) {
    Dialogue d;
    d.sign_in();
    d.take(1);
    d.written();
    d.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    d.take(2);
    d.written();
    d.session.lost("reset");
    EXPECT_EQ(d.ended(), "1 in_doubt 0  reset\n2 not_sent 0  reset *");
}

TEST(SmtpSession, LeavesALetterToAnotherConnectionWhenThisOneWentStale) {
    Dialogue d;
    d.sign_in();
    d.take(1);
    d.written();
    d.says("250 ok\r\n250 ok\r\n354 go\r\n");
    d.says("250 ok\r\n");
    EXPECT_EQ(d.ended(), "1 sent 250  ok");
    d.take(2);
    d.written();
    d.says("421 4.4.2 timeout\r\n");
    EXPECT_EQ(d.ended(), "2 deferred 421 4.4.2 timeout *");
    EXPECT_TRUE(d.session.closed());
}

TEST(SmtpSession, KeepsTheRefusalWhenTheConnectionGoesAfterIt) {
    Dialogue d;
    d.sign_in();
    d.take(1);
    d.written();
    d.says("250 ok\r\n550 5.1.1 unknown\r\n");
    d.session.lost("reset");
    EXPECT_EQ(d.ended(), "1 refused 550 5.1.1 unknown");
}

TEST(SmtpSession, ClosesWhenRefusedInTheMiddleOfTheBody) {
    Dialogue d;
    d.sign_in();
    d.take(1, "0123456789\r\n");
    d.written();
    d.session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    std::string out;
    d.session.swap_output(out);
    d.session.writing(4);
    d.session.wrote(4);
    d.session.receive("552 5.3.4 enough\r\n");
    EXPECT_EQ(d.ended(), "1 refused 552 5.3.4 enough");
    EXPECT_TRUE(d.session.closed());
}

TEST(SmtpSession, FallsBackToHelo) {
    Dialogue d;
    d.session.open(false);
    EXPECT_EQ(d.says("220-hi\r\n220 there\r\n"), "EHLO client.test\r\n");
    EXPECT_EQ(d.says("502 what\r\n"), "HELO client.test\r\n");
    d.says("250 ok\r\n");
    EXPECT_TRUE(d.session.can_take());
}

TEST(SmtpSession, ForgetsOffersMadeBeforeTls) {
    SessionOptions options = Dialogue::plain_options();
    options.tls = TlsMode::StartTlsRequired;
    options.user = "me";
    options.password = "secret";
    Dialogue d(options);
    d.session.open(false);
    d.says("220 hi\r\n");
    EXPECT_EQ(d.says("250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"), "STARTTLS\r\n");
    EXPECT_EQ(d.says("220 go\r\n"), "");
    ASSERT_TRUE(d.session.wants_tls());
    d.session.tls_started();
    EXPECT_EQ(d.written(), "EHLO client.test\r\n");
    EXPECT_EQ(d.says("250-x\r\n250 AUTH LOGIN\r\n"), "AUTH LOGIN\r\n");
    EXPECT_EQ(d.says("334 VXNlcm5hbWU6\r\n"), "bWU=\r\n");
    EXPECT_EQ(d.says("334 UGFzc3dvcmQ6\r\n"), "c2VjcmV0\r\n");
    EXPECT_FALSE(d.session.ready());
    d.says("235 ok\r\n");
    EXPECT_TRUE(d.session.ready());
}

TEST(SmtpSession, RefusesTextSentBeforeTheHandshake) {
    SessionOptions options = Dialogue::plain_options();
    options.tls = TlsMode::StartTlsRequired;
    Dialogue d(options);
    d.session.open(false);
    d.says("220 hi\r\n");
    d.says("250-x\r\n250 STARTTLS\r\n");
    d.says("220 go\r\n250 injected\r\n");
    EXPECT_TRUE(d.session.closed());
    EXPECT_EQ(d.session.failure(), "the server sent text before the TLS handshake");
}

TEST(SmtpSession, DoesNotGoOnWithoutTheTlsItNeeds) {
    SessionOptions options = Dialogue::plain_options();
    options.tls = TlsMode::StartTlsRequired;
    Dialogue d(options);
    d.session.open(false);
    d.says("220 hi\r\n");
    EXPECT_EQ(d.says("250 x\r\n"), "");
    EXPECT_EQ(d.session.failure(), "the server offers no STARTTLS, but TLS is required");
}

TEST(SmtpSession, KeepsThePasswordFromAnOpenConnection) {
    SessionOptions options = Dialogue::plain_options();
    options.tls = TlsMode::StartTlsIfOffered;
    options.user = "me";
    options.password = "secret";
    Dialogue d(options);
    d.session.open(false);
    d.says("220 hi\r\n");
    EXPECT_EQ(d.says("250-x\r\n250 AUTH PLAIN\r\n"), "");
    EXPECT_EQ(d.session.failure(), "no TLS: user and password are not sent in the clear");
}

TEST(SmtpSession, SaysWhyTheServerRefusedToTalk) {
    Dialogue greeting;
    greeting.session.open(false);
    greeting.says("554 5.7.1 not you\r\n");
    EXPECT_EQ(greeting.session.failure(), "the server refused the connection: 554 5.7.1 not you");

    SessionOptions options = Dialogue::plain_options();
    options.user = "me";
    options.allow_plain_auth = true;
    Dialogue password(options);
    password.session.open(false);
    password.says("220 hi\r\n");
    EXPECT_EQ(password.says("250-x\r\n250 AUTH PLAIN\r\n"), "AUTH PLAIN AG1lAA==\r\n");
    password.says("535 5.7.8 wrong\r\n");
    EXPECT_EQ(password.session.failure(), "the server refused user or password: 535 5.7.8 wrong");
}

TEST(SmtpSession, DoesNotTryWhatTheServerSaidItCannotTake) {
    Dialogue d;
    d.sign_in("250-SIZE 10\r\n250-PIPELINING\r\n");
    d.take(1, "more than ten bytes\r\n");
    EXPECT_EQ(d.ended(), "1 refused 0 5.3.4 the message has 21 bytes, the server takes 10");
    Letter letter;
    letter.id = 2;
    letter.needs_smtputf8 = true;
    letter.wire = stuff_dots("x");
    d.session.take(std::move(letter));
    EXPECT_EQ(d.ended(),
              "2 refused 0 5.6.7 the server takes no address outside ASCII (SMTPUTF8 not offered)");
    EXPECT_EQ(d.written(), "");
    d.take(3, "short\r\n");
    EXPECT_TRUE(d.written().starts_with("MAIL FROM:<from@shop.test> SIZE=7\r\n"));
}

TEST(SmtpSession, EndsWhenTheServerSpeaksUnasked) {
    Dialogue d;
    d.sign_in();
    d.says("421 4.4.2 idle too long\r\n");
    EXPECT_EQ(d.session.failure(), "the server ended the session: 421 4.4.2 idle too long");
}

TEST(SmtpSession, QuitsPolitely) {
    Dialogue d;
    d.sign_in();
    d.session.quit();
    EXPECT_EQ(d.written(), "QUIT\r\n");
    d.says("221 bye\r\n");
    EXPECT_TRUE(d.session.closed());
    EXPECT_EQ(d.session.failure(), "");
}

TEST(SmtpReply, BoundsWhatAServerMaySend) {
    ReplyReader reader;
    SmtpReply reply;
    reader.feed(std::string(reply_line_max + 1, '2'));
    EXPECT_EQ(reader.next(reply), ReplyReader::State::Broken);
    ReplyReader many;
    for (std::size_t i = 0; i <= reply_lines_max; ++i) {
        many.feed("250-x\r\n");
    }
    EXPECT_EQ(many.next(reply), ReplyReader::State::Broken);
    for (const char* text :
         {"25\r\n", "250x\r\n", "199 a\r\n", "600 a\r\n", "250-a\r\n251 b\r\n"}) {
        ReplyReader bad;
        bad.feed(text);
        EXPECT_EQ(bad.next(reply), ReplyReader::State::Broken) << text;
    }
}

}  // namespace
}  // namespace winback::sender
