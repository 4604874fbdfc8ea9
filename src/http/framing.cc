#include "http/framing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/strings.h"
#include "http/gzip.h"

namespace winback::http {
namespace {

bool is_token(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
    });
}

bool fields_are_sound(const Pairs& fields) {
    return std::all_of(fields.begin(), fields.end(), [](const auto& field) {
        return is_token(field.first) && is_field_value(field.second);
    });
}

bool is_compressible_type(const Response& response) {
    const std::string* type = find_field(response.headers, "content-type");
    if (type == nullptr || find_field(response.headers, "content-encoding") != nullptr) {
        return false;
    }
    static constexpr std::array<std::string_view, 5> types = {
        "text/", "application/json", "application/javascript", "image/svg+xml", "application/xml"};
    return std::any_of(types.begin(), types.end(), [&](std::string_view prefix) {
        return std::string_view(*type).substr(0, prefix.size()) == prefix;
    });
}

void compress(Response& response, const Framing& framing) {
    if (!response.compressible || response.body.size() < gzip_bytes_min ||
        !is_compressible_type(response)) {
        return;
    }
    response.add("Vary", "Accept-Encoding");
    if (framing.accepts_gzip) {
        response.body = gzip(response.body);
        response.add("Content-Encoding", "gzip");
    }
}

void append_fields(std::string& out, const Response& response, const Framing& framing) {
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\nDate: ";
    out += framing.date;
    for (const auto& [name, value] : response.headers) {
        out += "\r\n";
        out += name;
        out += ": ";
        out += value;
    }
}

void end_head(std::string& out, const Framing& framing) {
    if (!framing.keep_alive) {
        out += "\r\nConnection: close";
    } else if (framing.http_1_0) {
        out += "\r\nConnection: keep-alive";
    }
    out += "\r\n\r\n";
}

}  // namespace

void append_response(std::string& out, Response response, const Framing& framing) {
    if (!fields_are_sound(response.headers)) {
        response = error(500, "internal", "the answer could not be sent safely");
    }
    compress(response, framing);
    append_fields(out, response, framing);
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) {
        out += "\r\nContent-Length: ";
        out += std::to_string(response.body.size());
    }
    end_head(out, framing);
    if (!bodiless && !framing.head_only) {
        out += response.body;
    }
}

StreamHead append_stream_head(std::string& out, Response response, const Framing& framing) {
    if (!fields_are_sound(response.headers)) {
        response.stream.reset();
        append_response(out, std::move(response), framing);
        return StreamHead::Unsafe;
    }
    StreamHead kind = StreamHead::Plain;
    if (response.compressible && is_compressible_type(response)) {
        response.add("Vary", "Accept-Encoding");
        if (framing.accepts_gzip) {
            response.add("Content-Encoding", "gzip");
            kind = StreamHead::Gzip;
        }
    }
    append_fields(out, response, framing);
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless && !framing.http_1_0) {
        out += "\r\nTransfer-Encoding: chunked";
    }
    end_head(out, framing);
    return kind;
}

std::string format_http_date(long long unix_seconds) {
    static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                        "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = unix_seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   months[static_cast<std::size_t>(parts.tm_mon)],
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(size)};
}

bool accepts_gzip(std::string_view accept_encoding) {
    for (const std::string_view item : split(accept_encoding, ',')) {
        const std::vector<std::string_view> parts = split(item, ';');
        const std::string_view name = trim(parts[0]);
        if (!equals_ignoring_case(name, "gzip") && name != "*") {
            continue;
        }
        const std::string_view weight = parts.size() > 1 ? trim(parts[1]) : std::string_view();
        // "q=0", "q=0.0" and so on: anything else is a yes.
        return weight.substr(0, 3) != "q=0" ||
               weight.find_first_of("123456789", 3) != std::string_view::npos;
    }
    return false;
}

}  // namespace winback::http
