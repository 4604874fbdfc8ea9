#include "events.h"

#include "http/authorization.h"

namespace winback::load {
namespace {

constexpr std::string_view user_blank = "00000000";
constexpr std::string_view message_blank = "0000000000000000";

std::string_view name_of(int index) {
    constexpr std::string_view names[] = {"Product Viewed", "Product Viewed", "Product Added",
                                          "Cart Viewed", "Order Completed"};
    return names[static_cast<std::size_t>(index) % 5];
}

void put_digits(std::string& out, std::size_t at, std::uint64_t value, std::size_t digits) {
    for (std::size_t i = digits; i-- > 0; value /= 10) {
        out[at + i] = static_cast<char>('0' + value % 10);
    }
}

void put_hex(std::string& out, std::size_t at, std::uint64_t value, std::size_t digits) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (std::size_t i = digits; i-- > 0; value >>= 4U) {
        out[at + i] = hex[value & 15U];
    }
}

// One step of splitmix64: consecutive numbers become ids without a visible pattern.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

}  // namespace

EventWriter::EventWriter(EventOptions options) : options_(std::move(options)) {
    std::string body = R"({"sentAt":")" + options_.now_iso + R"(","batch":[)";
    request_.swap(body);
    for (int i = 0; i < options_.batch; ++i) {
        append_event(i);
    }
    request_ += "]}";
    const std::string head = "POST " + options_.path +
                             " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             "Authorization: Basic " +
                             http::encode_base64(options_.write_key + ":") +
                             "\r\nContent-Length: " + std::to_string(request_.size()) + "\r\n\r\n";
    request_.insert(0, head);
    for (std::size_t i = 0; i < user_at_.size(); ++i) {
        user_at_[i] += head.size();
        message_at_[i] += head.size();
    }
}

void EventWriter::append_event(int index) {
    request_ += index == 0 ? "" : ",";
    request_ += R"({"type":"track","event":")";
    request_ += name_of(index);
    request_ += R"(","userId":"user-)";
    user_at_.push_back(request_.size());
    request_ += user_blank;
    request_ += R"(","messageId":"load-)";
    message_at_.push_back(request_.size());
    request_ += message_blank;
    request_ += R"(","timestamp":")" + options_.now_iso;
    request_ += R"(","integrations":{},"properties":{"product_id":"sku-)";
    request_ += std::to_string(1000 + index * 7);
    request_ += R"(","name":"Enamel Mug, White","category":"Kitchen","price":12.95,)"
                R"("quantity":1,"currency":"EUR","revenue":12.95,"order_id":"o-)";
    request_ += std::to_string(index);
    request_ += R"(","url":"https://shop.example.test/products/enamel-mug-white"},)"
                R"("context":{"library":{"name":"winback-load","version":"1"},)"
                R"("locale":"de-DE","timezone":"Europe/Berlin","ip":"192.0.2.7"}})";
}

void EventWriter::write(std::uint64_t n, std::string& out) {
    const std::uint64_t batch = user_at_.size();
    for (std::size_t i = 0; i < user_at_.size(); ++i) {
        const std::uint64_t id = mixed(mixed(options_.seed) + n * batch + i);
        put_hex(request_, message_at_[i], id, message_blank.size());
        put_digits(request_, user_at_[i], mixed(id) % options_.customers, user_blank.size());
    }
    out = request_;
}

}  // namespace winback::load
