// The templates of the pages, parsed once, and what every page shares: layout, language, assets.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "base/zone.h"
#include "http/request.h"
#include "http/response.h"
#include "template/template.h"

namespace winback::ui {

// What the frame around a page says.
struct Frame {
    std::string title;   // Empty: pages that customers see have theirs in their language.
    std::string active;  // Which entry of the navigation: "overview", "customers", "templates".
    ValueMap workspace;  // name, currency, zone, replay_of; empty when nobody is signed in.
    std::string language = "en";
    std::string direction = "ltr";
    const Zone* zone = nullptr;
    Timestamp now;
    bool bare = false;                 // Without navigation: sign-in, unsubscribe.
    bool wide = false;                 // As wide as the window: editors.
    std::vector<std::string> scripts;  // Files of web/scripts, in the order of loading.
};

class Pages {
public:
    // Parses what is embedded. A mistake in a template is a bug of this program: it is checked.
    Pages();

    // `name` is a file of web/templates without its ending.
    http::Response render(int status,
                          std::string_view name,
                          const Frame& frame,
                          const ValueMap& data) const;

private:
    std::string run(std::string_view name, const Frame& frame, const ValueMap& data) const;

    std::map<std::string, liquid::ProgramPtr, std::less<>> programs_;
    liquid::Snippets snippets_;
    ValueMap assets_;  // Addresses with the hash of their content, by name.
};

// A file of web/styles, web/scripts or web/images by its path below /assets. For ever when `v`
// names its content, else to be asked for again.
http::Response asset(const http::Request& request);

}  // namespace winback::ui
