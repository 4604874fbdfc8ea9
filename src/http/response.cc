#include "http/response.h"

#include "base/check.h"
#include "base/strings.h"
#include "base/value.h"

namespace winback::http {
namespace {

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return 400;
        case ErrorCode::NotFound:
            return 404;
        case ErrorCode::Conflict:
            return 409;
        case ErrorCode::LimitExceeded:
            return 422;
        case ErrorCode::Unavailable:
            return 503;
        case ErrorCode::PermissionDenied:
            return 403;
        case ErrorCode::Corrupt:
        case ErrorCode::Internal:
            return 500;
    }
    return 500;
}

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return "invalid_argument";
        case ErrorCode::NotFound:
            return "not_found";
        case ErrorCode::Conflict:
            return "conflict";
        case ErrorCode::LimitExceeded:
            return "limit_exceeded";
        case ErrorCode::Unavailable:
            return "unavailable";
        case ErrorCode::PermissionDenied:
            return "permission_denied";
        case ErrorCode::Corrupt:
        case ErrorCode::Internal:
            return "internal";
    }
    return "internal";
}

Response typed(int status, std::string_view type, std::string body) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", type);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.body = std::move(body);
    return response;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

}  // namespace

Response& Response::set(std::string_view name, std::string value) {
    for (auto& [field, text] : headers) {
        if (equals_ignoring_case(field, name)) {
            text = std::move(value);
            return *this;
        }
    }
    return add(name, std::move(value));
}

Response& Response::add(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
    return *this;
}

Response json(int status, std::string text) {
    return typed(status, "application/json; charset=utf-8", std::move(text));
}

Response html(int status, std::string text) {
    Response response = typed(status, "text/html; charset=utf-8", std::move(text));
    secure_page(response);
    return response;
}

Response text(int status, std::string text) {
    return typed(status, "text/plain; charset=utf-8", std::move(text));
}

Response no_content() {
    Response response;
    response.status = 204;
    return response;
}

Response redirect(std::string_view location) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string target;
    for (const char c : location) {
        if (is_control(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80) {
            const auto byte = static_cast<unsigned char>(c);
            target += '%';
            target += digits[byte >> 4U];
            target += digits[byte & 15U];
        } else {
            target += c;
        }
    }
    Response response;
    response.status = 303;
    response.headers.emplace_back("Location", std::move(target));
    return response;
}

Response error(int status, std::string_view code, std::string_view message) {
    std::string body = R"({"code":)";
    append_json_string(body, code);
    body += R"(,"message":)";
    append_json_string(body, message);
    body += '}';
    return json(status, std::move(body));
}

Response error(const Error& error) {
    const int status = status_of(error.code);
    const std::string_view message =
        status == 500 ? std::string_view("something went wrong in the server; its log says more")
                      : std::string_view(error.message);
    return http::error(status, name_of(error.code), message);
}

Response too_many_requests(int retry_after_seconds, std::string_view message) {
    Response response = error(429, "too_many_requests", message);
    response.add("Retry-After", std::to_string(retry_after_seconds));
    response.add("X-RateLimit-Reset", std::to_string(retry_after_seconds));
    return response;
}

void secure_page(Response& response) {
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                 "font-src 'self'; connect-src 'self'; form-action 'self'; "
                 "frame-ancestors 'none'; base-uri 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "same-origin");
    response.set("X-Frame-Options", "DENY");
}

void set_cookie(Response& response, const Cookie& cookie) {
    constexpr std::string_view forbidden = "\",;\\ ";
    for (const char c : cookie.name + cookie.value) {
        WINBACK_CHECK(!is_control(c) && forbidden.find(c) == std::string_view::npos);
    }
    std::string text = cookie.name + "=" + cookie.value + "; Path=/; HttpOnly; SameSite=Lax";
    if (cookie.max_age_seconds != 0) {
        const long long age = cookie.max_age_seconds < 0 ? 0 : cookie.max_age_seconds;
        text += "; Max-Age=" + std::to_string(age);
    }
    if (cookie.secure) {
        text += "; Secure";
    }
    response.add("Set-Cookie", std::move(text));
}

Response allow_any_origin_preflight() {
    Response response = no_content();
    allow_any_origin(response);
    response.add("Access-Control-Allow-Methods", "POST");
    response.add("Access-Control-Allow-Headers",
                 "authorization,content-type,x-retry-count,anonymousid");
    response.add("Access-Control-Max-Age", "86400");
    return response;
}

void allow_any_origin(Response& response) {
    response.set("Access-Control-Allow-Origin", "*");
}

std::string_view reason_phrase(int status) {
    struct Phrase {
        int status;
        std::string_view text;
    };
    static constexpr Phrase phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Payload Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (const Phrase& phrase : phrases) {
        if (phrase.status == status) {
            return phrase.text;
        }
    }
    return "Status";
}

}  // namespace winback::http
