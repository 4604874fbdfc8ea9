// The parts of the API, each of which adds its own routes. Private to this folder.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "api/api.h"
#include "api/conventions.h"
#include "api/desk.h"
#include "base/value.h"
#include "http/router.h"

namespace winback::api {

class Guide;
class Imports;
class TemplateDesk;

using DeskPtr = std::shared_ptr<Desk>;

// A GET for callers whose key has the scope: "read" for numbers, "personal" for whatever names a
// customer, "admin" for the rest (docs/design/people.md). Runs on the desk, under the conventions
// of conventions.h: unknown parameters, `fields`, cursors and ETags are dealt with there, by what
// the description says of the route.
void add_guarded(http::Router& router,
                 const DeskPtr& desk,
                 std::string_view pattern,
                 std::string_view scope,
                 Desk::Answer answer);
// A POST, PUT, PATCH or DELETE. The body is strict JSON that keeps the described schema when
// `answer` sees it; Idempotency-Key is dealt with. Larger bodies and answers that come later:
// add_route.
void add_change(http::Router& router,
                const DeskPtr& desk,
                std::string_view method,
                std::string_view pattern,
                std::string_view scope,
                Desk::Answer answer);

http::Response json_answer(ValueMap tree);
// 202 with the address of the request that a second person must approve (approval_routes.cc).
http::Response waits_answer(std::uint64_t approval);

// A whole number in [1, max] from the query, `fallback` when absent. Fails with InvalidArgument.
Result<std::size_t> limit_of(const http::Request& request, std::size_t fallback, std::size_t max);

void add_reading_routes(http::Router& router, const DeskPtr& desk);  // reading.cc
void add_health_routes(http::Router& router, const DeskPtr& desk);   // health.cc
void add_metrics_route(http::Router& router,                         // metrics.cc
                       const DeskPtr& desk,
                       const ApiOptions& options);
void add_probe_routes(http::Router& router,  // probes.cc
                      const DeskPtr& desk,
                      const ApiOptions& options);
void add_webhook_routes(http::Router& router,  // webhooks.cc
                        const DeskPtr& desk,
                        const std::shared_ptr<webhook::Courier>& courier);
void add_model_routes(http::Router& router, const DeskPtr& desk);  // models.cc
void add_audit_route(http::Router& router, const DeskPtr& desk);   // audit.cc
void add_approval_routes(http::Router& router,                     // approval_routes.cc
                         const DeskPtr& desk,
                         const std::shared_ptr<TemplateDesk>& templates);
void add_people_routes(http::Router& router, const DeskPtr& desk);  // people_routes.cc
void add_me_routes(http::Router& router, const DeskPtr& desk);      // me_routes.cc
void add_import_routes(http::Router& router,                        // import_routes.cc
                       const DeskPtr& desk,
                       const std::shared_ptr<Imports>& imports);
void add_customer_routes(http::Router& router, const DeskPtr& desk);  // customer_routes.cc
void add_list_routes(http::Router& router, const DeskPtr& desk);      // list_routes.cc
void add_playbook_routes(http::Router& router,                        // playbook_routes.cc
                         const DeskPtr& desk,
                         const std::shared_ptr<TemplateDesk>& templates);
void add_template_routes(http::Router& router,  // template_routes.cc
                         const DeskPtr& desk,
                         const std::shared_ptr<TemplateDesk>& templates);

void add_segment_routes(http::Router& router,  // segment_routes.cc
                        const DeskPtr& desk,
                        const std::shared_ptr<TemplateDesk>& templates);
void add_sending_routes(http::Router& router,  // sending_routes.cc
                        const DeskPtr& desk,
                        const std::shared_ptr<Guide>& guide);
void add_workspace_routes(http::Router& router,  // workspace_routes.cc
                          const DeskPtr& desk,
                          const std::shared_ptr<TemplateDesk>& templates);

}  // namespace winback::api
