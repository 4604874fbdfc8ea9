// Posts bodies to addresses of the web, many at a time, and says what came back.
//
// One thread of its own (libcurl's multi interface). No redirects, no proxies, no cookies, a
// bounded answer, and no connection to an address that `reach` does not allow: that is asked when
// the name has been resolved, at the moment of connecting, so a name that changes its mind gains
// nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sender/reach.h"

namespace winback::sender {

struct HttpPost {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  // Without Content-Length.
    std::string body;
};

struct HttpOutcome {
    int status = 0;     // 0: there was no answer, and `error` says why.
    std::string error;  // "it did not answer within 15 seconds"
    std::string body;   // Its beginning.
    std::optional<Duration> retry_after;
    Duration took;
};

struct HttpPosterOptions {
    Reach reach = Reach::Public;
    Duration timeout = seconds(15);
    Duration connect_timeout = seconds(5);
    std::size_t under_way_max = 64;
    std::size_t answer_bytes_max = 1024;
    std::string ca_file;  // PEM; empty: the system's certificates.
};

class HttpPoster {
public:
    explicit HttpPoster(HttpPosterOptions options);
    ~HttpPoster();  // As stop().
    HttpPoster(const HttpPoster&) = delete;
    HttpPoster& operator=(const HttpPoster&) = delete;

    // `done` is called once, on the poster's thread, and must not block. False, and nothing is
    // taken, when `under_way_max` are under way or it was stopped.
    using Done = std::function<void(const HttpOutcome&)>;
    bool try_post(HttpPost post, Done done);
    // What is under way ends with an outcome without status.
    void stop();

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace winback::sender
