// The JSON API under /api/v1 and /metrics: what the pages show and what programs may read.
//
// Everything but the bare health answer needs an API token (Authorization: Bearer) or a browser
// that is signed in. Handlers that read the base wait for the shards' workers, so they run on the
// desk's own threads, never on the I/O threads. docs/design/api.md lists routes, scopes and limits.
#pragma once

#include <memory>

#include "http/router.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::webhook {
class Courier;
}  // namespace winback::webhook

namespace winback::api {

class Desk;
class Guide;
class Imports;
class Meter;
class TemplateDesk;

struct ApiOptions {
    // Shared with the pages, so that the overview is computed once for both; null: an own one.
    std::shared_ptr<Desk> desk;
    // Shared with the pages, whose frames show its drafts; null: an own one, without a folder to
    // write to and without a sender.
    std::shared_ptr<TemplateDesk> templates;
    // Null: this server takes no imports.
    std::shared_ptr<Imports> imports;
    // What answers webhooks; null: the routes say that there is none.
    std::shared_ptr<webhook::Courier> webhooks;
    // What the server counts; null: /metrics has no requests, and /readyz no end.
    std::shared_ptr<Meter> meter;
    // Turns sending on and off; null: this server has no such switch.
    std::shared_ptr<Guide> guide;
};

// The host must outlive the router (and the server that took it).
void add_api_routes(http::Router& router, host::Host& host, ApiOptions options = {});

}  // namespace winback::api
