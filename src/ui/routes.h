// The parts of the pages, each of which adds its own routes. Private to this folder.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "api/desk.h"
#include "api/templates.h"
#include "http/router.h"
#include "ui/pages.h"

namespace winback::ui {

using DeskPtr = std::shared_ptr<api::Desk>;
using PagesPtr = std::shared_ptr<const Pages>;
using TemplateDeskPtr = std::shared_ptr<api::TemplateDesk>;

// A page for signed-in browsers; all others are asked to sign in.
using Show = std::function<http::Response(api::Desk&, const Pages&, const http::Request&)>;
void add_page(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              Show show);
bool signed_in(api::Desk& desk, const http::Request& request);
http::Response ask_to_sign_in(const Pages& pages);

void add_sign_in_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_unsubscribe_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sample_link_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_template_routes(http::Router& router,
                         const DeskPtr& desk,
                         const PagesPtr& pages,
                         const TemplateDeskPtr& templates);

// The policy of a message, wherever it is shown: no scripts, no forms, nothing of ours in reach.
// Inline styles are what mails are made of; images are those that the cleaning of bodies lets
// through. `framed_by` is 'self' or 'none', in quotes.
void show_as_message(http::Response& response,
                     std::string_view sandbox,
                     std::string_view framed_by);
// Lets a page hold a frame of ours.
void allow_frames(http::Response& response);
void add_preferences_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sent_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);

// A page that says what went wrong and where to go on.
http::Response problem(const Pages& pages, const Frame& frame, int status);

}  // namespace winback::ui
