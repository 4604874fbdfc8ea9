// The pages: what a marketer sees in a browser, and the unsubscribe pages that customers see.
//
// Rendered on the server with our own Liquid from templates that are embedded at build time; no
// page needs JavaScript, though the editor of templates is livelier with it. Pages show what the
// API gives (api/), so the dashboard has no private access to the data. Every page but sign-in,
// assets and unsubscribe needs a signed-in browser.
#pragma once

#include <memory>

#include "http/router.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::api {
class Desk;
class Entrance;
class Guide;
class Imports;
class TemplateDesk;
}  // namespace winback::api

namespace winback::webhook {
class Courier;
}  // namespace winback::webhook

namespace winback::ui {

struct UiOptions {
    // Shared with the API; null: an own one.
    std::shared_ptr<api::Desk> desk;
    std::shared_ptr<api::TemplateDesk> templates;
    std::shared_ptr<api::Guide> guide;      // Null: no guide.
    std::shared_ptr<api::Imports> imports;  // Null: no pages of imports.
    // Null: there are no pages of webhooks.
    std::shared_ptr<webhook::Courier> webhooks;
    // Where people come in, shared with the API; null: an own one.
    std::shared_ptr<api::Entrance> entrance;
    int entrance_threads = 1;  // Of an own one, that hash passwords; 0: inside the calls (tests).
};

// The host must outlive the router. Also adds the page that answers every unknown GET path, so
// add it after all other routes.
void add_ui_routes(http::Router& router, host::Host& host, UiOptions options = {});

}  // namespace winback::ui
