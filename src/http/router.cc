#include "http/router.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "http/url.h"

namespace winback::http {
namespace {

std::vector<std::string_view> path_segments(std::string_view path) {
    return split(path.substr(1), '/');
}

bool is_param(const std::string& segment) {
    return !segment.empty() && segment.front() == ':';
}

bool is_rest(const std::string& segment) {
    return !segment.empty() && segment.front() == '*';
}

// Segments still encoded; literals are compared decoded.
bool fits(const Route& route, const std::vector<std::string>& path) {
    const std::vector<std::string>& pattern = route.segments;
    const bool rest = is_rest(pattern.back());
    if (rest ? path.size() < pattern.size() : path.size() != pattern.size()) {
        return false;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_rest(pattern[i])) {
            return true;
        }
        if (is_param(pattern[i]) ? path[i].empty() : path[i] != pattern[i]) {
            return false;
        }
    }
    return true;
}

int segment_rank(const std::string& segment) {
    if (is_rest(segment)) {
        return 2;
    }
    return is_param(segment) ? 1 : 0;
}

// Literal before ":name" before "*name", from the left.
bool more_specific(const Route& a, const Route& b) {
    return std::lexicographical_compare(a.segments.begin(), a.segments.end(), b.segments.begin(),
                                        b.segments.end(),
                                        [](const std::string& x, const std::string& y) {
                                            return segment_rank(x) < segment_rank(y);
                                        });
}

Pairs bound_params(const Route& route, const std::vector<std::string>& path) {
    Pairs params;
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
        const std::string& segment = route.segments[i];
        if (is_param(segment)) {
            params.emplace_back(segment.substr(1), path[i]);
        } else if (is_rest(segment)) {
            std::string rest = path[i];
            for (std::size_t k = i + 1; k < path.size(); ++k) {
                rest += '/';
                rest += path[k];
            }
            params.emplace_back(segment.substr(1), std::move(rest));
        }
    }
    return params;
}

std::string allow_list(std::vector<std::string> methods) {
    if (methods.empty()) {
        return {};
    }
    if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) {
        methods.emplace_back("HEAD");
    }
    methods.emplace_back("OPTIONS");
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    std::string list;
    for (const std::string& method : methods) {
        list += list.empty() ? method : ", " + method;
    }
    return list;
}

}  // namespace

Handler sync(std::function<Response(const Request&)> handler) {
    return [handler = std::move(handler)](const RequestPtr& request, const Reply& reply) {
        reply(handler(*request));
    };
}

void Router::add(std::string_view method,
                 std::string_view pattern,
                 Handler handler,
                 RouteOptions options) {
    WINBACK_CHECK(!pattern.empty() && pattern.front() == '/');
    Route route{std::string(method), std::string(pattern), std::move(handler), options, {}};
    for (const std::string_view segment : path_segments(pattern)) {
        route.segments.emplace_back(segment);
    }
    for (const Route& other : routes_) {
        WINBACK_CHECK(other.method != route.method || other.pattern != route.pattern);
    }
    // Sorted by rank, so that the first that fits is the right one.
    const auto place = std::upper_bound(routes_.begin(), routes_.end(), route, more_specific);
    routes_.insert(place, std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view raw_path) const {
    Match match;
    if (raw_path.empty() || raw_path.front() != '/') {
        match.malformed = true;
        return match;
    }
    std::vector<std::string> path;
    for (const std::string_view segment : path_segments(raw_path)) {
        Result<std::string> decoded = percent_decode(segment);
        if (!decoded) {
            match.malformed = true;
            return match;
        }
        path.push_back(std::move(*decoded));
    }
    const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
    std::vector<std::string> methods;
    const Route* owner = nullptr;  // The most specific pattern has the path to itself.
    for (const Route& route : routes_) {
        if (!fits(route, path) || (owner != nullptr && more_specific(*owner, route))) {
            continue;
        }
        owner = owner == nullptr ? &route : owner;
        if (route.method == wanted) {
            match.route = &route;
            match.params = bound_params(route, path);
            return match;
        }
        methods.push_back(route.method);
    }
    match.allow = allow_list(std::move(methods));
    return match;
}

Response no_route(const Router::Match& match, std::string_view method) {
    if (match.malformed) {
        return error(400, "bad_request", "the path of the request is malformed");
    }
    if (match.allow.empty()) {
        return error(404, "not_found", "there is nothing at this path");
    }
    Response response = method == "OPTIONS"
                            ? no_content()
                            : error(405, "method_not_allowed", "this path answers " + match.allow);
    response.add("Allow", match.allow);
    return response;
}

}  // namespace winback::http
