// Requests that may be sent twice: the answer to the first is kept for a day and given again.
//
// By the draft "The Idempotency-Key HTTP Header Field". A row tells before the work that it began
// and after it what came out. A server that ended in between does not know: it says so, and does
// nothing a second time. Answers are sealed under the caller's secret and the key, neither of which
// the folder has, so what was shown once cannot be read from it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/response.h"

namespace winback::store {
class Store;
}  // namespace winback::store

namespace winback::api {

constexpr Duration idempotency_lifetime = hours(24);
constexpr std::size_t idempotency_key_bytes_max = 200;
constexpr std::size_t idempotent_answers_max = 20'000;
constexpr std::size_t idempotent_answers_per_caller_max = 5'000;
constexpr std::size_t idempotent_answer_bytes_max = std::size_t{256} * 1024;

// One request with a key.
struct IdempotentCall {
    std::string name;         // Of its row.
    std::string seal;         // 32 bytes.
    std::string fingerprint;  // Of method, target and body.
    std::string caller;       // The id of the key.
};
// Pre: `secret` is what the caller showed.
IdempotentCall idempotent_call(const http::Request& request,
                               std::string_view key,
                               std::string_view secret,
                               std::string_view caller);

// The value of the header: bare, or in quotes as the draft has it. Fails with InvalidArgument.
Result<std::string> idempotency_key(std::string_view header);

class Idempotency {
public:
    // The store must outlive this.
    explicit Idempotency(store::Store& store) : store_(store) {}

    enum class Verdict : std::uint8_t {
        Run,       // Begun: end() or abandon() must follow.
        Replay,    // `answer` is what the first got.
        Mismatch,  // The key came before with another request.
        UnderWay,
        Unknown,  // The server ended while it worked on it.
        Full,
        Failed,  // The store.
    };
    Verdict begin(const IdempotentCall& call, Timestamp now, http::Response& answer);
    // Keeps the answer, unless trying again may help (5xx, 429): then it is forgotten.
    void end(const IdempotentCall& call, const http::Response& answer);
    // Nobody will answer: what became of it is not known.
    void abandon(const IdempotentCall& call);

private:
    struct Entry {
        Timestamp begun;
        std::string caller;
    };
    bool load();
    void forget_old(Timestamp now);
    void forget(const std::string& name);
    Verdict recall(const IdempotentCall& call, http::Response& answer) const;

    store::Store& store_;
    std::mutex mutex_;
    bool loaded_ = false;
    std::map<std::string, Entry, std::less<>> entries_;
    std::deque<std::pair<Timestamp, std::string>> by_age_;
    std::map<std::string, std::size_t, std::less<>> of_caller_;
    std::set<std::string, std::less<>> under_way_;
};

}  // namespace winback::api
