// The page for programs: the API's description, with examples for the reader's own address.
#include "api/public_address.h"
#include "api/reference.h"
#include "ui/frame.h"
#include "ui/routes.h"

namespace winback::ui {

http::Response api_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "api.title");
    frame.active = "api";
    frame.styles = {"api_css"};
    ValueMap data = api::reference_value(api::public_address(desk.host(), request));
    std::int64_t count = 0;
    for (const Value& group : *data.find("groups")->as_list()) {
        count += static_cast<std::int64_t>(group.as_map()->find("operations")->as_list()->size());
    }
    data.set("count", count);
    return pages.render(200, "api", frame, data);
}

}  // namespace winback::ui
