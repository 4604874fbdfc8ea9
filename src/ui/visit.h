// What the pages that customers see have in common: they come by a signed link, without a session,
// and the page speaks their language. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "ui/pages.h"
#include "ui/routes.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::ui {

struct Visit {
    Frame frame;
    ValueMap data;
};

// `customer` may be unknown or empty: then it is the workspace's language. `?lang=` overrides.
Visit visit_of(host::Host& host, const http::Request& request, const std::string& customer);

// A page that no other page, search engine or cache is to know of: its address is a capability.
http::Response show_visit(const Pages& pages,
                          int status,
                          std::string_view name,
                          const Visit& visit);

// 404: a link that is cut, forged, or leads to what is not there.
http::Response broken_link(const Pages& pages, host::Host& host, const http::Request& request);

// GET shows the page of a link; POST takes its form, of 16 KiB at most, on the desk's thread.
using ShowVisit = http::Response (*)(const Pages&, host::Host&, const http::Request&);
using TakeVisit = void (*)(const Pages&, host::Host&, const http::Request&, const http::Reply&);
void add_form_routes(http::Router& router,
                     const DeskPtr& desk,
                     const PagesPtr& pages,
                     std::string_view pattern,
                     ShowVisit show,
                     TakeVisit take);

// Headers for any answer to a signed address.
void keep_private(http::Response& response);

}  // namespace winback::ui
