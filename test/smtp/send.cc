// winback_smtp_send: mails as JSON lines on standard input, one line of outcome for each.
//
// A driver for judge.py: it lets Python's e-mail package and a foreign SMTP server judge the
// sender.
#include <cstdio>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sender/smtp.h"

namespace {

using winback::sender::Mail;
using winback::sender::Outcome;
using winback::sender::SmtpOptions;
using winback::sender::SmtpSender;
using winback::sender::TlsMode;

SmtpOptions read_options(const nlohmann::json& json) {
    SmtpOptions options;
    options.host = json.value("host", "127.0.0.1");
    options.port = json.value("port", std::uint16_t{25});
    options.connections_max = json.value("connections", 2);
    options.ca_file = json.value("ca_file", "");
    options.tls_name = json.value("tls_name", "");
    options.session.client_name = "client.test";
    options.session.user = json.value("user", "");
    options.session.password = json.value("password", "");
    options.session.allow_plain_auth = json.value("allow_plain_auth", false);
    options.session.pipelining = json.value("pipelining", true);
    const std::string tls = json.value("tls", "none");
    options.session.tls = tls == "none"         ? TlsMode::None
                          : tls == "implicit"   ? TlsMode::Implicit
                          : tls == "if_offered" ? TlsMode::StartTlsIfOffered
                                                : TlsMode::StartTlsRequired;
    return options;
}

Mail read_mail(const nlohmann::json& json) {
    Mail mail;
    mail.message_key = json.at("key");
    mail.message_id_domain = "shop.test";
    mail.from = {json.value("from_name", "Shop"), "news@shop.test"};
    mail.to = {json.value("to_name", ""), json.value("to", "customer@example.test")};
    mail.reply_to.address = json.value("reply_to", "");
    mail.subject = json.value("subject", "");
    mail.text = json.value("text", "");
    mail.html = json.value("html", "");
    mail.language = json.value("language", "");
    mail.list_unsubscribe_url = json.value("unsubscribe_url", "");
    mail.list_unsubscribe_mailto = json.value("unsubscribe_mailto", "");
    mail.feedback_id = json.value("feedback_id", "");
    mail.date = winback::Timestamp{json.value("date_ms", std::int64_t{1'700'000'000'000})};
    return mail;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("winback_smtp_send '{\"port\":2525,...}' < mails.jsonl\n", stderr);
        return 2;
    }
    auto sender = SmtpSender::create(read_options(nlohmann::json::parse(argv[1])));
    if (!sender) {
        std::puts(sender.error().message.c_str());
        return 1;
    }
    std::mutex mutex;
    for (std::string line; std::getline(std::cin, line);) {
        const Mail mail = read_mail(nlohmann::json::parse(line));
        const std::string key = mail.message_key;
        (*sender)->submit({mail}, [&mutex, key](const Outcome& outcome) {
            const nlohmann::json report = {{"key", key},
                                           {"kind", to_string(outcome.kind)},
                                           {"code", outcome.code},
                                           {"enhanced", outcome.enhanced},
                                           {"text", outcome.text}};
            const std::lock_guard lock(mutex);
            std::puts(report.dump().c_str());
        });
    }
    (*sender)->drain();
    (*sender)->stop();
    return 0;
}
