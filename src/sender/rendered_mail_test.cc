// From a template to the bytes of a mail: what a customer typed never becomes a header.
#include <set>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "message/render.h"
#include "sender/mime.h"

namespace winback::sender {
namespace {

std::string mail_for(const std::string& name) {
    message::TemplateSource source;
    source.id = "hello";
    source.from_name.text = "{{ name }} at Shop";
    source.subject.text = "Hello {{ name }}";
    source.body_html.text = "<p>Hello {{ name }}</p>";
    source.reply_to = "care@shop.test";
    source.from_address = "anna@shop.test";
    const message::CompiledTemplate compiled = message::compile_template({source});
    ValueMap data;
    data.set("name", name);
    data.set("unsubscribe_url", "https://shop.test/u/x");
    const message::RenderOutcome outcome =
        message::render_message(*compiled.message_template, {.data = &data,
                                                             .to = "ada@mail.test",
                                                             .from = "shop@shop.test",
                                                             .reply_to = "other@shop.test"});
    EXPECT_TRUE(outcome.message.has_value());
    const message::RenderedMessage& rendered = *outcome.message;
    Mail mail;
    mail.message_key = "0123456789abcdef";
    mail.message_id_domain = "shop.test";
    mail.from = {rendered.from_name, rendered.from};
    mail.to = {{}, rendered.to};
    mail.reply_to = {{}, rendered.reply_to};
    mail.subject = rendered.subject;
    mail.text = rendered.text;
    mail.html = rendered.html;
    mail.language = rendered.language;
    mail.list_unsubscribe_url = rendered.unsubscribe_url;
    const Result<ComposedMail> composed = compose(mail);
    EXPECT_TRUE(composed.has_value()) << name;
    return composed ? composed->bytes : std::string();
}

// Names of the headers, each line that begins one.
std::multiset<std::string> headers_of(const std::string& mail) {
    std::multiset<std::string> names;
    const std::string head = mail.substr(0, mail.find("\r\n\r\n"));
    for (const std::string_view line : split(head, '\n')) {
        if (!line.empty() && line[0] != ' ' && line[0] != '\t') {
            names.emplace(line.substr(0, line.find(':')));
        }
    }
    return names;
}

TEST(RenderedMail, ComesFromTheTemplatesOwnSender) {
    const std::string mail = mail_for("Ada");
    EXPECT_NE(mail.find("\r\nFrom: Ada at Shop <anna@shop.test>\r\n"), std::string::npos) << mail;
    EXPECT_NE(mail.find("\r\nReply-To: care@shop.test\r\n"), std::string::npos) << mail;
}

TEST(RenderedMail, HasNoHeaderThatACustomerWrote) {
    const std::multiset<std::string> calm = headers_of(mail_for("Ada"));
    for (const char* name :
         {"Eve\r\nBcc: all@evil.test", "Eve\nBcc: all@evil.test", "Eve\rBcc: all@evil.test",
          "Eve\r\n\r\nBody", "Eve\u2028Bcc: x", "Eve\u0085Bcc: x", "Eve\x0bX: y\x0cZ: a",
          "Eve\r\n Bcc: folded@evil.test", "\r\nBcc: first@evil.test", "Eve <evil@evil.test>, \"",
          "=?utf-8?q?Eve=0d=0aBcc=3a_x=40evil.test?="}) {
        const std::string mail = mail_for(name);
        EXPECT_EQ(headers_of(mail), calm) << mail;
    }
}

}  // namespace
}  // namespace winback::sender
