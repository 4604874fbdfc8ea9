// /events: what is arriving, with what is wrong with it; and how to send it.
#pragma once

#include "ui/routes.h"

namespace winback::ui {

void add_event_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);

}  // namespace winback::ui
