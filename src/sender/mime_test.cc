#include "sender/mime.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "sender/encoding.h"
#include "sender/smtp_session.h"

// Whether the messages mean what they should is judged by Python's e-mail package in
// test/smtp/judge.py; here stand the rules it does not check.
namespace winback::sender {
namespace {

Mail simple_mail() {
    Mail mail;
    mail.message_key = "00ff";
    mail.message_id_domain = "shop.test";
    mail.from = {"The Shop", "news@shop.test"};
    mail.to = {"Ayşe Yılmaz", "ayse@example.test"};
    mail.subject = "Hello";
    mail.text = "Hello.\n";
    mail.html = "<p>Hello.</p>\n";
    mail.language = "tr";
    mail.list_unsubscribe_url = "https://shop.test/u/1";
    mail.list_unsubscribe_mailto = "leave@shop.test";
    mail.feedback_id = "lapsing:1:shop:winback";
    mail.date = Timestamp{1'700'000'000'000};
    return mail;
}

std::string composed(const Mail& mail) {
    const auto out = compose(mail);
    return out ? out->bytes : "error: " + out.error().message;
}

TEST(Mime, WritesTheWholeMessage) {
    EXPECT_EQ(composed(simple_mail()),
              "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "From: The Shop <news@shop.test>\r\n"
              "To: =?utf-8?B?QXnFn2UgWcSxbG1heg==?= <ayse@example.test>\r\n"
              "Subject: Hello\r\n"
              "Message-ID: <00ff@shop.test>\r\n"
              "List-Unsubscribe: <https://shop.test/u/1>,\r\n"
              " <mailto:leave@shop.test>\r\n"
              "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
              "Feedback-ID: lapsing:1:shop:winback\r\n"
              "Content-Language: tr\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: multipart/alternative;\r\n"
              " boundary=\"=_af3093eeca6b58271df1295a4cbdd673_0\"\r\n"
              "\r\n"
              "--=_af3093eeca6b58271df1295a4cbdd673_0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 7bit\r\n"
              "\r\n"
              "Hello.\r\n"
              "\r\n"
              "--=_af3093eeca6b58271df1295a4cbdd673_0\r\n"
              "Content-Type: text/html; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 7bit\r\n"
              "\r\n"
              "<p>Hello.</p>\r\n"
              "\r\n"
              "--=_af3093eeca6b58271df1295a4cbdd673_0--\r\n");
}

TEST(Mime, NeverLetsTextStartAHeader) {
    Mail mail = simple_mail();
    mail.subject = "Hi\r\nBcc: victim@example.test\r\n\r\nbody";
    mail.to.name = "A\r\nBcc: victim@example.test";
    const std::string bytes = composed(mail);
    EXPECT_EQ(bytes.find("\r\nBcc:"), std::string::npos);
    EXPECT_EQ(bytes.find("\nBcc:"), std::string::npos);
}

TEST(Mime, RefusesWhatCannotBeWrittenSafely) {
    const auto refuses = [](auto change) {
        Mail mail = simple_mail();
        change(mail);
        return !compose(mail).has_value();
    };
    EXPECT_TRUE(refuses([](Mail& m) { m.to.address = "a@b.test\r\nX: y"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.list_unsubscribe_url = "https://x.test/\r\nX: y"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.list_unsubscribe_url = "javascript:alert(1)"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.list_unsubscribe_mailto = "a@b.test>,<x"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.message_key = "a>b"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.message_key = ""; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.language = "tr\r\nX: y"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.feedback_id = "a\nb"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.subject = "\xff"; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.text = m.html = ""; }));
    EXPECT_TRUE(refuses([](Mail& m) { m.html.assign(mail_body_bytes_max + 1, 'a'); }));
    EXPECT_TRUE(refuses([](Mail& m) { m.subject.assign(subject_bytes_max + 1, 'a'); }));
    EXPECT_FALSE(refuses([](Mail&) {}));
}

TEST(Mime, OffersOneClickOnlyOverHttps) {
    Mail mail = simple_mail();
    mail.list_unsubscribe_url = "http://127.0.0.1:8080/u/1";
    const std::string bytes = composed(mail);
    EXPECT_NE(bytes.find("List-Unsubscribe: <http://"), std::string::npos);
    EXPECT_EQ(bytes.find("List-Unsubscribe-Post"), std::string::npos);
}

TEST(Mime, ChoosesABoundaryThatTheBodyDoesNotHold) {
    Mail mail = simple_mail();
    const std::string first = composed(mail);
    const std::size_t at = first.find("boundary=\"") + 10;
    const std::string boundary = first.substr(at, first.find('"', at) - at);
    mail.text = "--" + boundary + "--\n";
    const std::string second = composed(mail);
    EXPECT_NE(second.find(boundary.substr(0, boundary.size() - 1) + "1--\r\n"), std::string::npos);
}

TEST(Mime, KeepsEveryLineShort) {
    Mail mail = simple_mail();
    mail.from.name.assign(480, 'n');
    for (int i = 0; i < 200; ++i) {
        mail.subject += "üz";
        mail.html += "<p>0123456789 long line without an end </p>";
        mail.text += "متن فارسی ";
    }
    const auto out = compose(mail);
    ASSERT_TRUE(out.has_value());
    for (const std::string_view line : split(out->bytes, '\n')) {
        EXPECT_LE(line.size(), 79U) << line;
        EXPECT_TRUE(line.empty() || line.back() == '\r');
    }
}

TEST(Mime, NeverSplitsACodePointBetweenEncodedWords) {
    for (std::size_t pad = 0; pad < 40; ++pad) {
        std::string text(pad, 'a');
        for (int i = 0; i < 30; ++i) {
            text += "😀";
        }
        const std::string header = text_header("Subject", text);
        // Base64 words that begin and end between code points decode to whole UTF-8 on their own.
        EXPECT_EQ(header.find("=?utf-8?B?gA"), std::string::npos);
        for (const std::string_view line : split(header, '\n')) {
            EXPECT_LE(line.size(), mail_line_max + 1);
        }
    }
}

TEST(Encoding, PicksTheShorterFormForEachScript) {
    EXPECT_EQ(choose_encoding("Plain text.\r\n"), TransferEncoding::SevenBit);
    EXPECT_EQ(choose_encoding("Sizi özledik, indirim sizi bekliyor.\r\n"),
              TransferEncoding::QuotedPrintable);
    EXPECT_EQ(choose_encoding("دلمان برایتان تنگ شده است\r\n"), TransferEncoding::Base64);
    EXPECT_EQ(choose_encoding(std::string(200, 'x')), TransferEncoding::QuotedPrintable);
    EXPECT_EQ(choose_encoding("From here\r\n"), TransferEncoding::QuotedPrintable);
}

TEST(Encoding, QuotesWhatRelaysChange) {
    EXPECT_EQ(quoted_printable("a \r\nb\t"), "a=20\r\nb=09");
    EXPECT_EQ(quoted_printable(".\r\nFrom me\r\n=\r\n"), "=2E\r\n=46rom me\r\n=3D\r\n");
    EXPECT_EQ(quoted_printable(std::string(80, 'x')),
              std::string(75, 'x') + "=\r\n" + std::string(5, 'x'));
    EXPECT_EQ(quoted_printable(std::string(76, 'x')), std::string(76, 'x'));
}

TEST(Encoding, MatchesTheVectorsOfRfc4648) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(StuffDots, LeavesNoOtherEndOfDataThanItsOwn) {
    EXPECT_EQ(stuff_dots(""), ".\r\n");
    EXPECT_EQ(stuff_dots("a"), "a\r\n.\r\n");
    EXPECT_EQ(stuff_dots(".\r\n..\r\na.b\r\n"), "..\r\n...\r\na.b\r\n.\r\n");
    // Lone CR and LF as line ends are how mail is smuggled past a relay.
    EXPECT_EQ(stuff_dots("a\n.\nb\r.\rMAIL\r\n"), "a\r\n..\r\nb\r\n..\r\nMAIL\r\n.\r\n");
}

}  // namespace
}  // namespace winback::sender
