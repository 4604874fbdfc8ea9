// The parts of the pages, each of which adds its own routes. Private to this folder.
#pragma once

#include <memory>

#include "api/desk.h"
#include "http/router.h"
#include "ui/pages.h"

namespace winback::ui {

using DeskPtr = std::shared_ptr<api::Desk>;
using PagesPtr = std::shared_ptr<const Pages>;

void add_sign_in_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_unsubscribe_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_preferences_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);
void add_sent_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);

// A page that says what went wrong and where to go on.
http::Response problem(const Pages& pages, const Frame& frame, int status);

}  // namespace winback::ui
