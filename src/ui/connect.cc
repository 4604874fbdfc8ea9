#include "ui/connect.h"

#include <algorithm>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr std::size_t host_bytes_max = 255;

bool is_host(std::string_view host) {
    static constexpr std::string_view marks = ".-_:[]";
    return !host.empty() && host.size() <= host_bytes_max &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      marks.find(c) != std::string_view::npos;
           });
}

}  // namespace

std::string server_address(const http::Request& request) {
    const std::string* host = request.header("host");
    const std::string* protocol = request.header("x-forwarded-proto");
    const bool secure = protocol != nullptr && equals_ignoring_case(*protocol, "https");
    return std::string(secure ? "https://" : "http://") +
           (host != nullptr && is_host(*host) ? *host : std::string("localhost:8080"));
}

}  // namespace winback::ui
