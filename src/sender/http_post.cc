#include "sender/http_post.h"

#include <charconv>
#include <list>
#include <mutex>
#include <thread>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/strings.h"

namespace winback::sender {
namespace {

// An answer beyond this ends the transfer; what came counts.
constexpr std::size_t answer_read_max = std::size_t{64} * 1024;
constexpr std::int64_t retry_after_seconds_max = 24 * 3600;
constexpr int poll_ms = 1'000;

struct EasyEnd {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiEnd {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListEnd {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void start_curl_once() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    WINBACK_CHECK(started == CURLE_OK);
}

struct Transfer {
    HttpPost post;
    HttpPoster::Done done;
    const HttpPosterOptions* options = nullptr;
    std::unique_ptr<CURL, EasyEnd> easy;
    std::unique_ptr<curl_slist, ListEnd> headers;
    HttpOutcome outcome;
    std::size_t read = 0;
    bool refused = false;
    std::list<std::unique_ptr<Transfer>>::iterator place;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
    Transfer& transfer = *static_cast<Transfer*>(to);
    const std::size_t bytes = size * count;
    std::string& kept = transfer.outcome.body;
    kept.append(data, std::min(bytes, transfer.options->answer_bytes_max - kept.size()));
    transfer.read += bytes;
    return transfer.read > answer_read_max ? 0 : bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
    const std::string_view line(data, size * count);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        equals_ignoring_case(line.substr(0, colon), "retry-after")) {
        const std::string_view text = trim(line.substr(colon + 1));
        std::int64_t wait = 0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), wait);
        if (fault == std::errc() && end == text.data() + text.size() && wait >= 0) {
            static_cast<Transfer*>(to)->outcome.retry_after =
                seconds(std::min(wait, retry_after_seconds_max));
        }
    }
    return line.size();
}

bool is_secure(const std::string& url) {
    return to_lower_ascii(url.substr(0, 8)) == "https://";
}

curl_socket_t open_socket(void* of, curlsocktype /*purpose*/, curl_sockaddr* address) {
    Transfer& transfer = *static_cast<Transfer*>(of);
    if (!may_reach(address->addr, is_secure(transfer.post.url), transfer.options->reach)) {
        transfer.refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

template <class T>
void set(Transfer& transfer, CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(transfer.easy.get(), option, value);
    WINBACK_CHECK(code == CURLE_OK);
}

void prepare(Transfer& transfer) {
    transfer.easy.reset(curl_easy_init());
    WINBACK_CHECK(transfer.easy != nullptr);
    curl_slist* list = nullptr;
    for (const auto& [name, value] : transfer.post.headers) {
        list = curl_slist_append(list, (name + ": " + value).c_str());
    }
    list = curl_slist_append(list, "Expect:");
    transfer.headers.reset(list);
    set(transfer, CURLOPT_URL, transfer.post.url.c_str());
    set(transfer, CURLOPT_PROTOCOLS_STR, is_secure(transfer.post.url) ? "https" : "http");
    set(transfer, CURLOPT_POST, 1L);
    set(transfer, CURLOPT_POSTFIELDS, transfer.post.body.data());
    set(transfer, CURLOPT_POSTFIELDSIZE, static_cast<long>(transfer.post.body.size()));
    set(transfer, CURLOPT_HTTPHEADER, list);
    set(transfer, CURLOPT_FOLLOWLOCATION, 0L);
    set(transfer, CURLOPT_PROXY, "");
    set(transfer, CURLOPT_NETRC, 0L);
    set(transfer, CURLOPT_NOSIGNAL, 1L);
    set(transfer, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.options->timeout.ms));
    set(transfer, CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(transfer.options->connect_timeout.ms));
    set(transfer, CURLOPT_WRITEFUNCTION, &take_body);
    set(transfer, CURLOPT_WRITEDATA, &transfer);
    set(transfer, CURLOPT_HEADERFUNCTION, &take_header);
    set(transfer, CURLOPT_HEADERDATA, &transfer);
    set(transfer, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(transfer, CURLOPT_OPENSOCKETDATA, &transfer);
    set(transfer, CURLOPT_PRIVATE, &transfer);
    if (!transfer.options->ca_file.empty()) {
        set(transfer, CURLOPT_CAINFO, transfer.options->ca_file.c_str());
    }
}

std::string reason_of(const Transfer& transfer, CURLcode code) {
    if (transfer.refused) {
        return "the name leads to an address of a private network or of this machine, which is "
               "refused";
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return "it did not answer within " + std::to_string(transfer.options->timeout.ms / 1000) +
               " seconds";
    }
    return curl_easy_strerror(code);
}

void finish(Transfer& transfer, CURLcode code) {
    long status = 0;
    curl_off_t micros = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_TOTAL_TIME_T, &micros);
    transfer.outcome.took = milliseconds(micros / 1000);
    // Too long an answer is an answer.
    const bool answered =
        code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer.read > answer_read_max);
    if (answered) {
        transfer.outcome.status = static_cast<int>(status);
    } else {
        transfer.outcome.error = reason_of(transfer, code);
    }
}

}  // namespace

class HttpPoster::Loop {
public:
    explicit Loop(HttpPosterOptions options) : options_(std::move(options)) {
        start_curl_once();
        multi_.reset(curl_multi_init());
        WINBACK_CHECK(multi_ != nullptr);
        thread_ = std::thread([this] { run(); });
    }
    ~Loop() { stop(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    bool try_post(HttpPost post, Done done) {
        auto transfer = std::make_unique<Transfer>();
        transfer->post = std::move(post);
        transfer->done = std::move(done);
        transfer->options = &options_;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_ || count_ >= options_.under_way_max) {
                return false;
            }
            count_ += 1;
            arrived_.push_back(std::move(transfer));
        }
        curl_multi_wakeup(multi_.get());
        return true;
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        curl_multi_wakeup(multi_.get());
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    bool take_arrived() {
        std::list<std::unique_ptr<Transfer>> arrived;
        bool stopping = false;
        {
            const std::lock_guard lock(mutex_);
            arrived.swap(arrived_);
            stopping = stopping_;
        }
        for (std::unique_ptr<Transfer>& transfer : arrived) {
            prepare(*transfer);
            under_way_.push_back(std::move(transfer));
            under_way_.back()->place = std::prev(under_way_.end());
            curl_multi_add_handle(multi_.get(), under_way_.back()->easy.get());
        }
        return !stopping;
    }

    void end(Transfer& transfer) {
        curl_multi_remove_handle(multi_.get(), transfer.easy.get());
        const std::unique_ptr<Transfer> kept = std::move(*transfer.place);
        under_way_.erase(kept->place);
        {
            const std::lock_guard lock(mutex_);
            count_ -= 1;
        }
        kept->done(kept->outcome);
    }

    void run() {
        while (take_arrived()) {
            int running = 0;
            curl_multi_perform(multi_.get(), &running);
            int left = 0;
            while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
                if (message->msg == CURLMSG_DONE) {
                    void* of = nullptr;
                    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of);
                    Transfer& transfer = *static_cast<Transfer*>(of);
                    finish(transfer, message->data.result);
                    end(transfer);
                }
            }
            curl_multi_poll(multi_.get(), nullptr, 0, poll_ms, nullptr);
        }
        while (!under_way_.empty()) {
            under_way_.front()->outcome.error = "the server was stopped meanwhile";
            end(*under_way_.front());
        }
    }

    HttpPosterOptions options_;
    std::unique_ptr<CURLM, MultiEnd> multi_;
    std::list<std::unique_ptr<Transfer>> under_way_;  // Of the thread alone.
    std::mutex mutex_;
    std::list<std::unique_ptr<Transfer>> arrived_;
    std::size_t count_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

HttpPoster::HttpPoster(HttpPosterOptions options)
    : loop_(std::make_unique<Loop>(std::move(options))) {}

HttpPoster::~HttpPoster() = default;

bool HttpPoster::try_post(HttpPost post, Done done) {
    return loop_->try_post(std::move(post), std::move(done));
}

void HttpPoster::stop() {
    loop_->stop();
}

}  // namespace winback::sender
