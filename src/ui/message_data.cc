#include "api/customers.h"
#include "api/messages.h"
#include "base/hash.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/message_links.h"
#include "ui/page_data.h"
#include "ui/routes.h"
#include "ui/template_data.h"

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
    data.set("has_pictures", message.decided.rendered.html.find("<img") != std::string::npos);
    return data;
}

namespace {

// Where the list goes on from here, when the reader came from one.
void add_neighbours(api::Desk& desk, const http::Request& request, ValueMap& data) {
    const std::string list = messages_path(request, {});
    const std::string query = list.substr(std::string_view("/messages").size());
    data.set("list_path", list);
    const Result<ValueMap> found = api::message_neighbours(desk, request, text_at(data, "key"));
    if (!found) {
        return;
    }
    for (const char* name : {"newer", "older"}) {
        const std::string key = text_at(*found, name);
        data.set(name, key.empty() ? std::string() : "/messages/" + key + query);
    }
}

}  // namespace

http::Response message_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "messages";
    frame.styles = {"desk_css"};
    Result<ValueMap> data = message_data(desk, request);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    add_neighbours(desk, request, *data);
    const Value* subject = data->find("subject");
    frame.title = subject != nullptr && subject->as_string() != nullptr
                      ? *subject->as_string()
                      : pages.text(frame, "message.title");
    http::Response response = pages.render(200, "message", frame, *data);
    allow_frames(response);
    return response;
}

http::Response message_body(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Hash128 key;
    const bool is_key = parse_hex(request.param("key"), key);
    Result<host::StoredMessage> message =
        is_key ? desk.host().message(key)
               : Result<host::StoredMessage>(Error{ErrorCode::NotFound, ""});
    if (!message || message->decided.rendered.html.empty()) {
        return problem(pages, frame_of(desk, request), 404);
    }
    http::Response response = http::html(200, std::move(message->decided.rendered.html));
    show_in_frame(response, request, "sandbox");
    return response;
}

}  // namespace winback::ui
