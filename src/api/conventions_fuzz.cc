// What strangers send to any route: bodies, cursors, keys and queries, against every schema there
// is.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/conventions.h"
#include "api/description.h"
#include "api/idempotency.h"
#include "api/request_check.h"
#include "api/schema.h"
#include "api/strict_json.h"
#include "base/check.h"

using namespace winback;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const api::Operation* const operations[] = {
        api::Description::own().find("POST", "/api/v1/webhooks"),
        api::Description::own().find("PUT", "/api/v1/templates/:id/languages/:language"),
        api::Description::own().find("GET", "/api/v1/customers")};
    http::Request request;
    request.body = text;
    request.query = {{"limit", std::string(text)}, {std::string(text), "1"}};
    for (const api::Operation* operation : operations) {
        WINBACK_CHECK(operation != nullptr);
        static_cast<void>(api::check_request(request, operation));
    }
    const auto body = api::parse_strict(text);
    const auto value = api::read_strict(text);
    WINBACK_CHECK(body.has_value() == value.has_value());
    if (body) {
        const auto& document = api::Description::own().document();
        WINBACK_CHECK(api::check_schema(*body, *operations[0]->body, document).size() <=
                      api::schema_faults_max);
    }
    if (const auto place = api::read_cursor("list", text)) {
        WINBACK_CHECK(api::make_cursor("list", *place) == text);
    }
    WINBACK_CHECK(api::read_cursor("list", api::make_cursor("list", text)) == text ||
                  size > api::cursor_bytes_max / 2);
    static_cast<void>(api::idempotency_key(text));
    return 0;
}
