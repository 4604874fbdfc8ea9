#include "api/test_mail.h"

#include <array>
#include <chrono>
#include <condition_variable>

#include "base/hash.h"
#include "base/strings.h"
#include "sender/address.h"

namespace winback::api {
namespace {

// Outlives the call: an outcome may come long after the answer.
struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<TestOutcome> outcomes;
    std::size_t missing = 0;
};

TestOutcome outcome_of(std::string to, const sender::Outcome& outcome) {
    TestOutcome out{.to = std::move(to), .state = "failed", .detail = outcome.text};
    if (!outcome.enhanced.empty()) {
        out.detail = outcome.enhanced + ' ' + out.detail;
    }
    if (outcome.code != 0) {
        out.detail = std::to_string(outcome.code) + ' ' + out.detail;
    }
    switch (outcome.kind) {
        case sender::OutcomeKind::Sent:
            out.state = "sent";
            break;
        case sender::OutcomeKind::Previewed:
            out.state = "previewed";
            break;
        case sender::OutcomeKind::Refused:
        case sender::OutcomeKind::Deferred:
        case sender::OutcomeKind::NotSent:
            break;
        case sender::OutcomeKind::InDoubt:
            out.detail = "the mail server did not say whether it took the message; " + out.detail;
            break;
    }
    return out;
}

std::string domain_of(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string("localhost") : address.substr(at + 1);
}

sender::Mail mail_of(const message::RenderedMessage& message, const std::string& to) {
    sender::Mail mail;
    mail.message_id_domain = domain_of(message.from);
    mail.from = {.name = message.from_name, .address = message.from};
    mail.to = {.name = {}, .address = to};
    mail.reply_to = {.name = {}, .address = message.reply_to};
    mail.subject = std::string(test_prefix(message.language)) + message.subject;
    mail.text = message.text;
    mail.html = message.html;
    mail.language = message.language;
    return mail;
}

Status check(const std::vector<std::string>& recipients) {
    if (recipients.empty() || recipients.size() > test_recipients_max) {
        return Error{ErrorCode::InvalidArgument, "a test goes to one to five addresses"};
    }
    for (const std::string& to : recipients) {
        if (const auto address = sender::parse_address(to); !address) {
            return Error{ErrorCode::InvalidArgument,
                         "'" + to + "' cannot be written to: " + address.error().message};
        }
    }
    return Ok{};
}

}  // namespace

std::string_view test_prefix(std::string_view language) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> prefixes{{
        {"ar", "[تجربة] "},
        {"es", "[Prueba] "},
        {"fa", "[آزمایشی] "},
        {"he", "[בדיקה] "},
        {"it", "[Prova] "},
        {"ja", "[テスト] "},
        {"pl", "[Próba] "},
        {"pt", "[Teste] "},
        {"ru", "[Проверка] "},
        {"tr", "[Deneme] "},
    }};
    for (const auto& [name, prefix] : prefixes) {
        if (name == language.substr(0, language.find('-'))) {
            return prefix;
        }
    }
    return "[Test] ";
}

std::vector<std::string> addresses_in(std::string_view text) {
    constexpr std::string_view separators = ",; \t\r\n";
    std::vector<std::string> addresses;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(separators, at)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        addresses.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return addresses;
}

bool TestMail::take(std::string_view key_id, std::size_t count, Timestamp now) {
    for (auto at = sent_.begin(); at != sent_.end();) {
        std::deque<Timestamp>& times = at->second;
        while (!times.empty() && now - times.front() >= hours(1)) {
            times.pop_front();
        }
        at = times.empty() ? sent_.erase(at) : std::next(at);
    }
    const auto found = sent_.find(key_id);
    const std::size_t used = found == sent_.end() ? 0 : found->second.size();
    if (used + count > tests_per_hour_max || (used == 0 && sent_.size() >= testers_max)) {
        return false;
    }
    std::deque<Timestamp>& times = sent_[std::string(key_id)];
    times.insert(times.end(), count, now);
    return true;
}

Result<std::vector<TestOutcome>> TestMail::send(std::string_view key_id,
                                                const message::RenderedMessage& message,
                                                const std::vector<std::string>& recipients,
                                                Timestamp now) {
    WINBACK_TRY(const Ok checked, check(recipients));
    static_cast<void>(checked);
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!take(key_id, recipients.size(), now)) {
            return Error{ErrorCode::LimitExceeded,
                         "at most 20 tests go out in an hour; try again later"};
        }
        number = made_;
        made_ += recipients.size();
    }
    const auto waiting = std::make_shared<Waiting>();
    waiting->missing = recipients.size();
    for (const std::string& to : recipients) {
        waiting->outcomes.push_back(
            {.to = to, .state = "under_way", .detail = "the mail server has not answered yet"});
    }
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        sender::Outgoing outgoing{mail_of(message, recipients[i])};
        outgoing.mail.date = now;
        outgoing.mail.message_key =
            "test" + to_hex(hash128(std::string(key_id) + '/' + std::to_string(now.ms) + '/' +
                                    std::to_string(number + i)));
        sender::OutcomeCallback callback = [waiting, i](const sender::Outcome& outcome) {
            const std::lock_guard lock(waiting->mutex);
            waiting->outcomes[i] = outcome_of(waiting->outcomes[i].to, outcome);
            waiting->missing -= 1;
            waiting->arrived.notify_all();
        };
        if (sender_ == nullptr || !sender_->try_submit(outgoing, callback)) {
            callback({.kind = sender::OutcomeKind::NotSent,
                      .code = 0,
                      .enhanced = {},
                      .text = sender_ == nullptr ? "there is no mail server"
                                                 : "too many messages wait to be sent"});
        }
    }
    std::unique_lock lock(waiting->mutex);
    waiting->arrived.wait_for(lock, std::chrono::milliseconds(patience_.ms),
                              [&] { return waiting->missing == 0; });
    return waiting->outcomes;
}

}  // namespace winback::api
