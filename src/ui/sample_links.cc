// Where the links of ours lead in previews and test messages: to a page that says what they do in
// a real message. There is no token in them, so nothing can happen to anybody.
#include "host/host.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

http::Response explain(const Pages& pages, host::Host& host, const http::Request& request) {
    Frame frame = visitor_frame(request);
    frame.title = pages.text(frame, "sample_link.title");
    ValueMap data;
    data.set("shop_url", "");
    if (const engine::DefinitionsPtr definitions = host.definitions()) {
        frame.workspace.set("name", definitions->workspace.name);
        data.set("shop_url", definitions->workspace.brand_url);
    }
    return pages.render(200, "sample_link", frame, data);
}

}  // namespace

void add_sample_link_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    // Unsubscribing, preferences, and the message in the browser.
    for (const char* path : {"/u/sample", "/p/sample", "/v/sample"}) {
        router.add("GET", path,
                   api::Desk::handler(desk, [pages](api::Desk& at, const http::Request& request) {
                       return explain(*pages, at.host(), request);
                   }));
    }
}

}  // namespace winback::ui
