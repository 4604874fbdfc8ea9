// The routes that show what arrives: /api/v1/events/live and /api/v1/events/recent.
#pragma once

#include <memory>

#include "http/router.h"

namespace winback::api {

class Desk;

void add_live_event_routes(http::Router& router, const std::shared_ptr<Desk>& desk);

}  // namespace winback::api
