#include "http/problem.h"

#include <optional>

#include "base/strings.h"
#include "base/value.h"

namespace winback::http {
namespace {

// The JSON text behind `"name":` at the beginning of an object that we wrote ourselves; a string
// with its quotes. Nothing when another member stands there.
std::optional<std::string_view> string_member(std::string_view json, std::string_view name) {
    std::string start = "\"" + std::string(name) + "\":\"";
    const std::size_t at = json.find(start);
    // Inside of a string every quote is escaped, so an unescaped one can only begin a member.
    if (at == std::string_view::npos || at == 0 || (json[at - 1] != '{' && json[at - 1] != ',')) {
        return std::nullopt;
    }
    std::size_t end = at + start.size();
    while (end < json.size() && json[end] != '"') {
        end += json[end] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    if (end >= json.size()) {
        return std::nullopt;
    }
    const std::size_t begin = at + start.size() - 1;
    return json.substr(begin, end + 1 - begin);
}

}  // namespace

bool answers_with_problems(std::string_view path) {
    return path.starts_with("/api/");
}

void make_problem(Response& response, std::string_view path) {
    const std::string* type = find_field(response.headers, "content-type");
    if (response.status < 400 || type == nullptr || !type->starts_with("application/json") ||
        response.body.size() < 2 || response.body.front() != '{') {
        return;
    }
    const auto code = string_member(response.body, "code");
    const auto message = string_member(response.body, "message");
    if (!code || !message) {
        return;
    }
    const std::string bare(code->substr(1, code->size() - 2));
    std::string body = R"({"type":"/api#)" + bare + R"(","title":)";
    append_json_string(body, reason_phrase(response.status));
    body += R"(,"status":)" + std::to_string(response.status);
    body += R"(,"detail":)" + std::string(*message);
    body += R"(,"instance":)";
    append_json_string(body, is_valid_utf8(path) ? path : std::string_view("/"));
    body += ',';
    body += std::string_view(response.body).substr(1);
    response.body = std::move(body);
    response.set("Content-Type", std::string(problem_type));
}

}  // namespace winback::http
