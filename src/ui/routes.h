// The pages' routes and what they have in common. Private to this folder.
//
// A page is one template (web/templates/NAME.liquid), one handler (NAME_page), its texts in
// web/languages, and one line in the table of routes.cc, or an add_ function of its own here when
// it needs more than the desk: docs/design/pages.md, "To add a page".
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/desk.h"
#include "api/templates.h"
#include "host/keys.h"
#include "http/router.h"
#include "ui/frame.h"
#include "ui/pages.h"

namespace winback::api {
class Entrance;
class Guide;
class Imports;
}  // namespace winback::api
namespace winback::webhook {
class Courier;
}  // namespace winback::webhook

namespace winback::ui {

using DeskPtr = std::shared_ptr<api::Desk>;
using PagesPtr = std::shared_ptr<const Pages>;
using EntrancePtr = std::shared_ptr<api::Entrance>;
using TemplateDeskPtr = std::shared_ptr<api::TemplateDesk>;

// A page for signed-in browsers whose reader may `scope` (api::scopes); others are asked to sign
// in, or told that they may not. Runs on the desk.
using Show = std::function<http::Response(api::Desk&, const Pages&, const http::Request&)>;
void add_page(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              std::string_view scope,
              Show show);

// A form of a page: takes POST with the session's form token, from readers who may `scope`, on the
// desk (or on `room`, for what takes long). Answers with see_other, or with the page and what is
// wrong in the form.
using Take = std::function<http::Response(
    api::Desk&, const Pages&, const http::Request&, const http::Pairs& form, const host::Key& who)>;
struct FormOptions {
    std::size_t body_bytes_max = std::size_t{64} * 1024;
    std::shared_ptr<api::Desk> room;  // Null: the desk.
};
void add_form(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              std::string_view scope,
              Take take,
              FormOptions options = {});

// 303 to a path of ours. "?said=saved" makes the next page say `said.saved`.
http::Response see_other(std::string_view path);
// The value of a field of a form or query; empty when it is not there.
std::string field_of(const http::Pairs& pairs, std::string_view name);

struct PageRoute {
    std::string_view pattern;
    std::string_view scope;
    http::Response (*show)(api::Desk&, const Pages&, const http::Request&);
};
// The pages that need nothing but the desk.
std::span<const PageRoute> page_routes();

http::Response overview_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response customers_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response customer_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response health_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response journeys_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response journey_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response messages_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response message_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response message_body(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response api_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response models_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response segments_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response overlap_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response segment_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response style_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response approvals_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response approval_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response audit_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response audit_customer(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response settings_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response me_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response users_page(api::Desk& desk, const Pages& pages, const http::Request& request);
http::Response keys_page(api::Desk& desk, const Pages& pages, const http::Request& request);

// The answer to a reader who may not `scope`: sign-in, or a page that says so.
std::optional<http::Response> refuse_reader(api::Desk& desk,
                                            const Pages& pages,
                                            const http::Request& request,
                                            std::string_view scope);
bool signed_in(api::Desk& desk, const http::Request& request);
// Takes the session's cookie away from the browser.
void forget_session(http::Response& response, const http::Request& request);
http::Response ask_to_sign_in(api::Desk& desk, const Pages& pages, const http::Request& request);

void add_model_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sign_in_routes(http::Router& router,
                        const DeskPtr& desk,
                        const PagesPtr& pages,
                        const EntrancePtr& entrance);
void add_user_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_key_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_own_forms(http::Router& router,
                   const DeskPtr& desk,
                   const PagesPtr& pages,
                   const EntrancePtr& entrance);
void add_unsubscribe_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sample_link_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_playbook_routes(http::Router& router,
                         const DeskPtr& desk,
                         const PagesPtr& pages,
                         const TemplateDeskPtr& templates);
void add_template_routes(http::Router& router,
                         const DeskPtr& desk,
                         const PagesPtr& pages,
                         const TemplateDeskPtr& templates);
void add_segment_editor_routes(http::Router& router,
                               const DeskPtr& desk,
                               const PagesPtr& pages,
                               const TemplateDeskPtr& templates);
void add_list_pages(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_import_pages(http::Router& router,
                      const DeskPtr& desk,
                      const PagesPtr& pages,
                      const std::shared_ptr<api::Imports>& imports);
void add_start_pages(http::Router& router,
                     const DeskPtr& desk,
                     const PagesPtr& pages,
                     const TemplateDeskPtr& templates,
                     const std::shared_ptr<api::Guide>& guide);
void add_approval_forms(http::Router& router,
                        const DeskPtr& desk,
                        const PagesPtr& pages,
                        const TemplateDeskPtr& templates);
// The page of a request that was just made, which says so.
std::string waits_path(std::uint64_t approval);
// What waits for a second person, for a notice on other pages: {id, act, by, people, counted}.
// Of a journey: only that by which it sends; of a template: only its own.
struct WaitingFor {
    std::string_view journey;
    std::string_view template_id;
};
ValueList waiting_value(api::Desk& desk, const WaitingFor& about = {});
bool is_four_eyes(api::Desk& desk);  // The rule is on.

void add_webhook_pages(http::Router& router,
                       const DeskPtr& desk,
                       const PagesPtr& pages,
                       const std::shared_ptr<webhook::Courier>& courier);
void add_preferences_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sent_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);

// The policy of a message, wherever it is shown: no scripts, no forms, nothing of ours in reach.
// Inline styles are what mails are made of.
// To its customer: with the images that the cleaning of bodies lets through, in no frame.
void show_as_message(http::Response& response, std::string_view sandbox);
// On a page of ours, in a frame: images of other hosts, which would learn who looks, only when the
// request says `pictures=shown`.
void show_in_frame(http::Response& response,
                   const http::Request& request,
                   std::string_view sandbox);
// Lets a page hold a frame of ours.
void allow_frames(http::Response& response);

// A page that says what went wrong and where to go on.
http::Response problem(const Pages& pages, const Frame& frame, int status);

}  // namespace winback::ui
