// Sends a message to its writer, to be looked at: through the same sender as real messages, but
// past the engine. A test is no message of a customer: it is in no ledger, timeline, report, cap
// or experiment, and it carries no List-Unsubscribe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "message/render.h"
#include "sender/sender.h"

namespace winback::api {

constexpr std::size_t test_recipients_max = 5;   // Of one request.
constexpr std::size_t tests_per_hour_max = 20;   // Recipients, of one key.
constexpr std::size_t testers_max = 1'000;       // Keys whose tests are counted.
constexpr Duration test_patience = seconds(20);  // Then the answer says "under way".

struct TestOutcome {
    std::string to;
    std::string state;   // "sent", "previewed", "failed", "under_way"
    std::string detail;  // The mail server's words, or ours.
};

class TestMail {
public:
    // `sender` null: there is none, every test is "failed".
    explicit TestMail(std::shared_ptr<sender::Sender> sender, Duration patience = test_patience)
        : sender_(std::move(sender)), patience_(patience) {}

    // Blocks until every recipient has an outcome, at most `patience`. Fails with
    // InvalidArgument (no or bad addresses, too many) and LimitExceeded (too many this hour);
    // then nothing was sent.
    Result<std::vector<TestOutcome>> send(std::string_view key_id,
                                          const message::RenderedMessage& message,
                                          const std::vector<std::string>& recipients,
                                          Timestamp now);

private:
    bool take(std::string_view key_id, std::size_t count, Timestamp now);

    std::shared_ptr<sender::Sender> sender_;
    Duration patience_;
    std::mutex mutex_;
    std::map<std::string, std::deque<Timestamp>, std::less<>> sent_;  // By key.
    std::uint64_t made_ = 0;
};

// "[Test] " in the language of the message.
std::string_view test_prefix(std::string_view language);

// Addresses parted by commas, semicolons or white space.
std::vector<std::string> addresses_in(std::string_view text);

}  // namespace winback::api
