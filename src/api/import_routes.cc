// Imports for programs: the same as on the pages.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/audit.h"
#include "api/description.h"
#include "api/imports.h"
#include "api/request_check.h"
#include "api/routes.h"
#include "host/host.h"
#include "http/problem.h"
#include "http/upload.h"

namespace winback::api {
namespace {

using ImportsPtr = std::shared_ptr<Imports>;
using Act = Result<ValueMap> (*)(Imports&, const http::Request&);

// Texts, flags and lists of texts: all that a plan is made of.
Value value_of(const nlohmann::json& json) {
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_array()) {
        ValueList list;
        for (const nlohmann::json& item : json) {
            list.push_back(item.is_array() ? Value() : value_of(item));
        }
        return list;
    }
    return {};
}

Result<ValueMap> described(Imports& imports, const http::Request& request) {
    return imports.describe(request.param("id"));
}

Result<ValueMap> previewed(Imports& imports, const http::Request& request) {
    return imports.preview(request.param("id"));
}

Result<ValueMap> mapped(Imports& imports, const http::Request& request) {
    const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
    const auto plan = body.find("plan");
    const auto mapping = body.find("mapping");
    if (plan != body.end()) {
        ValueMap changes;
        for (const auto& [name, value] : plan->items()) {
            changes.set(name, value_of(value));
        }
        WINBACK_TRY([[maybe_unused]] const Ok changed,
                    imports.change_plan(request.param("id"), changes));
    }
    if (mapping != body.end()) {
        WINBACK_TRY([[maybe_unused]] const Ok written,
                    imports.write_mapping(request.param("id"), mapping->get<std::string>()));
    }
    return imports.describe(request.param("id"));
}

Result<ValueMap> started(Imports& imports, const http::Request& request) {
    WINBACK_TRY([[maybe_unused]] const Ok done, imports.start(request.param("id")));
    return imports.describe(request.param("id"));
}

Result<ValueMap> cancelled(Imports& imports, const http::Request& request) {
    WINBACK_TRY([[maybe_unused]] const Ok done, imports.cancel(request.param("id")));
    return imports.describe(request.param("id"));
}

Result<ValueMap> removed(Imports& imports, const http::Request& request) {
    WINBACK_TRY([[maybe_unused]] const Ok done, imports.remove(request.param("id")));
    ValueMap map;
    map.set("removed", true);
    return map;
}

void record(Desk& desk,
            const http::Request& request,
            std::string_view what,
            std::string_view target) {
    record_change(desk, request,
                  {.what = what, .target = std::string(target), .before = {}, .after = {}});
}

http::Response answer(const ImportsPtr& imports, Act act, const http::Request& request) {
    if (imports == nullptr) {
        return http::error(Error{ErrorCode::Unavailable, "this server takes no imports"});
    }
    Result<ValueMap> tree = act(*imports, request);
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

http::Response uploaded(Desk& desk, const ImportsPtr& imports, const http::Request& request) {
    const auto who = key_of(request, desk.host().keys());
    const std::string* name = request.query_value("name");
    if (imports == nullptr || !who) {
        return http::error(Error{ErrorCode::Unavailable, "this server takes no imports"});
    }
    if (request.uploads.empty()) {
        return http::error(Error{ErrorCode::InvalidArgument, "the body is the file"});
    }
    http::Upload& file = *request.uploads.front();
    const Result<std::string> id =
        imports->take(name == nullptr ? file.filename : *name, file, who->name);
    Result<ValueMap> tree = id ? imports->describe(*id) : Result<ValueMap>(id.error());
    if (!tree) {
        return http::error(tree.error());
    }
    record(desk, request, "import.upload", *id);
    http::Response response = json_answer(*std::move(tree));
    response.status = 201;
    response.set("Location", "/api/v1/imports/" + *id);
    return response;
}

http::Response rejected_lines(const ImportsPtr& imports, const http::Request& request) {
    const Result<std::string> path =
        imports == nullptr ? Result<std::string>(Error{ErrorCode::NotFound, "no imports here"})
                           : imports->rejects(request.param("id"));
    if (!path) {
        return http::error(path.error());
    }
    return rejects_answer(*path);
}

// Not JSON, and larger than other bodies: the file itself.
void add_upload_route(http::Router& router, const DeskPtr& desk, const ImportsPtr& imports) {
    const http::Handler upload =
        Desk::handler(desk, [imports](Desk& at, const http::Request& request) {
            http::Response response = uploaded(at, imports, request);
            http::make_problem(response, request.path);
            return response;
        });
    const Operation* operation = Description::own().find("POST", "/api/v1/imports");
    const auto admit = [desk,
                        operation](const http::Request& head) -> std::optional<http::Response> {
        // A form of another site can send neither of these types.
        const std::string* type = head.header("content-type");
        const bool typed = type != nullptr && (type->starts_with("text/csv") ||
                                               type->starts_with("application/octet-stream") ||
                                               type->starts_with("application/gzip"));
        auto refusal = refuse(head, desk->host().keys(), "admin");
        if (!refusal && !typed) {
            refusal = http::error(415, "unsupported_media_type",
                                  "send text/csv, application/gzip or application/octet-stream");
        }
        if (!refusal) {
            refusal = check_request(head, operation);
        }
        if (refusal) {
            http::make_problem(*refusal, head.path);
        }
        return refusal;
    };
    router.add("POST", "/api/v1/imports",
               [admit, upload](const http::RequestPtr& request, const http::Reply& reply) {
                   if (auto refusal = admit(*request)) {
                       reply(*std::move(refusal));
                   } else {
                       upload(request, reply);
                   }
               },
               {.file_bytes_max = import_bytes_max, .admit = admit});
}

}  // namespace

http::Response rejects_answer(const std::string& path, std::size_t bytes_max) {
    std::error_code absent;
    const std::uintmax_t whole = std::filesystem::file_size(path, absent);
    const std::size_t size =
        absent ? 0 : static_cast<std::size_t>(std::min<std::uintmax_t>(whole, bytes_max));
    std::ifstream file(path, std::ios::binary);
    http::Response response;
    response.body.resize(size);
    file.read(response.body.data(), static_cast<std::streamsize>(size));
    response.body.resize(static_cast<std::size_t>(file.gcount()));
    if (!absent && whole > size) {
        response.body.resize(response.body.rfind('\n') + 1);
        response.body += "# cut here: " + std::to_string(whole - response.body.size()) +
                         " more bytes stand in the data folder, in imports/" +
                         std::filesystem::path(path).filename().string() + "\n";
    }
    response.set("Content-Type", "text/csv; charset=utf-8");
    response.set("Content-Disposition", "attachment; filename=\"rejected.csv\"");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Cache-Control", "no-store");
    return response;
}

void add_import_routes(http::Router& router, const DeskPtr& desk, const ImportsPtr& imports) {
    add_guarded(router, desk, "/api/v1/imports", "admin", [imports](Desk&, const http::Request&) {
        ValueMap map;
        map.set("imports", imports == nullptr ? ValueList() : imports->list());
        return json_answer(std::move(map));
    });
    add_guarded(router, desk, "/api/v1/imports/:id", "admin",
                [imports](Desk&, const http::Request& request) {
                    return answer(imports, described, request);
                });
    add_guarded(router, desk, "/api/v1/imports/:id/preview", "admin",
                [imports](Desk&, const http::Request& request) {
                    return answer(imports, previewed, request);
                });
    add_guarded(router, desk, "/api/v1/imports/:id/rejects", "admin",
                [imports](Desk&, const http::Request& request) {
                    return rejected_lines(imports, request);
                });
    struct Route {
        std::string_view method;
        std::string_view pattern;
        std::string_view what;
        Act act;
    };
    for (const Route& one :
         {Route{"PUT", "/api/v1/imports/:id/mapping", "import.mapping", mapped},
          Route{"POST", "/api/v1/imports/:id/start", "import.start", started},
          Route{"POST", "/api/v1/imports/:id/cancel", "import.cancel", cancelled},
          Route{"DELETE", "/api/v1/imports/:id", "import.remove", removed}}) {
        add_route(router, desk,
                  {.method = std::string(one.method),
                   .pattern = std::string(one.pattern),
                   .scope = "admin",
                   .body_bytes_max = import_mapping_bytes_max * 2},
                  [imports, act = one.act, what = one.what](
                      Desk& at, const http::RequestPtr& request, const http::Reply& reply) {
                      http::Response response = answer(imports, act, *request);
                      if (response.status < 300) {
                          record(at, *request, what, request->param("id"));
                      }
                      reply(std::move(response));
                  });
    }
    add_upload_route(router, desk, imports);
}

}  // namespace winback::api
