// /events: what is arriving, with what is wrong with it; and how to send it.
#pragma once

#include <memory>

#include "ui/routes.h"

namespace winback::api {
class LiveEvents;
}  // namespace winback::api

namespace winback::ui {

void add_event_routes(http::Router& router,
                      const DeskPtr& desk,
                      const PagesPtr& pages,
                      const std::shared_ptr<api::LiveEvents>& live);

}  // namespace winback::ui
