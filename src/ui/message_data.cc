#include "api/customers.h"
#include "base/hash.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/page_data.h"

namespace winback::ui {

Result<ValueMap> message_data(api::Desk& desk, const http::Request& request) {
    Hash128 key;
    if (!parse_hex(request.param("key"), key)) {
        return Error{ErrorCode::NotFound, "there is no such message"};
    }
    WINBACK_TRY(const host::StoredMessage message, desk.host().message(key));
    ValueMap data = api::message_value(message);
    data.set("customer_path", "/customers/" + http::percent_encode(message.decided.customer));
    data.set("has_html", !message.decided.rendered.html.empty());
    return data;
}

}  // namespace winback::ui
