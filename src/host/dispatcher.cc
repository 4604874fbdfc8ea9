#include "host/dispatcher.h"

#include <algorithm>
#include <vector>

#include "host/reading.h"

namespace winback::host {
namespace {

using message::MessageState;
using sender::OutcomeKind;

constexpr int doublings_max = 20;

std::string words_of(const sender::Outcome& outcome) {
    std::string words;
    if (outcome.code != 0) {
        words = std::to_string(outcome.code) + ' ';
    }
    if (!outcome.enhanced.empty()) {
        words += outcome.enhanced + ' ';
    }
    return words + outcome.text;
}

MessageState state_after(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::Previewed:
            return MessageState::Previewed;
        case OutcomeKind::Sent:
            return MessageState::Sent;
        case OutcomeKind::Refused:
            return MessageState::Failed;
        case OutcomeKind::Deferred:
        case OutcomeKind::NotSent:
            return MessageState::Queued;
        case OutcomeKind::InDoubt:
            return MessageState::InDoubt;
    }
    return MessageState::InDoubt;
}

std::string domain_of(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string("localhost") : address.substr(at + 1);
}

sender::Mail mail_of(const engine::MessageDecided& decided,
                     const SendOptions& options,
                     Timestamp now) {
    const message::RenderedMessage& rendered = decided.rendered;
    sender::Mail mail;
    mail.message_key = to_hex(decided.key);
    mail.message_id_domain =
        options.message_id_domain.empty() ? domain_of(rendered.from) : options.message_id_domain;
    mail.from = {.name = rendered.from_name, .address = rendered.from};
    mail.to = {.name = {}, .address = rendered.to};
    mail.reply_to = {.name = {}, .address = rendered.reply_to};
    mail.return_path = options.return_path;
    mail.subject = rendered.subject;
    mail.text = rendered.text;
    mail.html = rendered.html;
    mail.language = rendered.language;
    mail.list_unsubscribe_url = rendered.unsubscribe_url;
    mail.date = now;
    return mail;
}

}  // namespace

Dispatcher::Dispatcher(Shared& shared) : shared_(shared) {}

void Dispatcher::news(const SendNews& news) {
    const std::lock_guard lock(mutex_);
    if (!news.nothing && news.state == MessageState::Sending) {
        return;
    }
    in_flight_.erase(news.key);
    if (news.nothing || news.state != MessageState::Queued) {
        attempts_.erase(news.key);
        return;
    }
    Timestamp at = news.retry_at;
    if (const auto tried = attempts_.find(news.key);
        tried != attempts_.end() && tried->second > 0 && at == timestamp_min) {
        const SendOptions& options = shared_.options.send;
        const int doublings = std::min(tried->second - 1, doublings_max);
        const std::int64_t pause = options.retry_first.ms * (std::int64_t{1} << doublings);
        at = shared_.clock->now() + milliseconds(std::min(pause, options.retry_max.ms));
    }
    waiting_.emplace(at, Waiting{news.key, news.customer});
}

bool Dispatcher::pump(Timestamp now) {
    if (shared_.options.send.email == nullptr) {
        return false;
    }
    std::vector<Waiting> starting;
    {
        const std::lock_guard lock(mutex_);
        while (!stopped_ && !waiting_.empty() && waiting_.begin()->first <= now &&
               in_flight_.size() < shared_.options.send.in_flight_max) {
            Waiting next = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
            if (in_flight_.emplace(next.key, false).second) {
                starting.push_back(std::move(next));
            }
        }
    }
    for (Waiting& next : starting) {
        const std::string customer = next.customer;
        post(customer, engine::SendStarted{std::move(next.customer), next.key});
    }
    return !starting.empty();
}

void Dispatcher::post(const std::string& customer, Body body) {
    const engine::ShardId shard = engine::shard_of(customer, shared_.store->shard_count());
    shared_.outlet->push(shard, InputItem{.shard = shard, .body = std::move(body)});
}

void Dispatcher::deliver(const engine::Deliver& deliver) {
    Result<StoredMessage> message = read_message(*shared_.store, deliver.key);
    if (!message.has_value()) {
        shared_.fatal(message.error());
        return;
    }
    sender::Outgoing outgoing{
        mail_of(message->decided, shared_.options.send, shared_.clock->now())};
    sender::OutcomeCallback callback =
        [this, key = deliver.key, customer = deliver.customer](const sender::Outcome& outcome) {
            ended(key, customer, outcome);
        };
    {
        const std::lock_guard lock(mutex_);
        attempts_[deliver.key] += 1;
        in_flight_[deliver.key] = true;
    }
    if (!shared_.options.send.email->try_submit(outgoing, callback)) {
        ended(deliver.key, deliver.customer,
              {.kind = OutcomeKind::NotSent, .text = "the sender's queue is full"});
    }
}

void Dispatcher::ended(const Hash128& key,
                       const std::string& customer,
                       const sender::Outcome& outcome) {
    engine::SendEnded body{.customer = customer,
                           .key = key,
                           .state = state_after(outcome.kind),
                           .detail = words_of(outcome)};
    if (body.state == MessageState::Queued) {
        const std::lock_guard lock(mutex_);
        if (attempts_[key] >= shared_.options.send.attempts_max) {
            body.state = MessageState::Failed;
            body.detail =
                "given up after " + std::to_string(attempts_[key]) + " attempts: " + body.detail;
        }
    }
    post(customer, std::move(body));
}

Timestamp Dispatcher::next_due() const {
    const std::lock_guard lock(mutex_);
    const SendOptions& options = shared_.options.send;
    if (stopped_ || options.email == nullptr || waiting_.empty() ||
        in_flight_.size() >= options.in_flight_max) {
        return timestamp_max;
    }
    return waiting_.begin()->first;
}

std::size_t Dispatcher::in_flight() const {
    const std::lock_guard lock(mutex_);
    return in_flight_.size();
}

std::size_t Dispatcher::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void Dispatcher::drain() {
    if (shared_.options.send.email != nullptr) {
        shared_.options.send.email->drain();
    }
}

void Dispatcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    if (shared_.options.send.email != nullptr) {
        shared_.options.send.email->stop();
    }
}

}  // namespace winback::host
