// /ui: every part of the design, for those who make pages.
#include "ui/charts.h"
#include "ui/routes.h"

namespace winback::ui {

http::Response style_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    constexpr double shown_share = 0.4;
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "style.title");
    frame.styles = {"style_css"};
    ValueMap data;
    data.set("bar", share_bar(shown_share));
    return pages.render(200, "style", frame, data);
}

}  // namespace winback::ui
