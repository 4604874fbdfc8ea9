// Writes batches of Segment track events of many customers, fast enough not to be what is
// measured: a batch is written once and only its ids change from request to request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winback::load {

struct EventOptions {
    std::string write_key;
    std::string path = "/v1/batch";
    int batch = 100;
    std::uint64_t customers = 100'000;
    std::uint64_t seed = 1;  // Another seed gives other message ids: a second run is not all
                             // duplicates of the first.
    std::string now_iso;     // timestamp and sentAt of every event.
};

class EventWriter {
public:
    explicit EventWriter(EventOptions options);

    // The n-th request. Its events' ids depend on seed and n alone.
    void write(std::uint64_t n, std::string& out);
    std::size_t request_bytes() const { return request_.size(); }

private:
    void append_event(int index);

    EventOptions options_;
    std::string request_;
    std::vector<std::size_t> user_at_;     // Where each event's 8 digits of a customer stand,
    std::vector<std::size_t> message_at_;  // and its 16 hex digits of a message id.
};

}  // namespace winback::load
