// The templates of the pages, parsed once, and what every page shares: layout, language, assets.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "base/zone.h"
#include "http/request.h"
#include "http/response.h"
#include "template/template.h"
#include "ui/texts.h"

namespace winback::ui {

// What the frame around a page says.
struct Frame {
    std::string title;   // Empty: pages that customers see have theirs in their language.
    std::string active;  // Which entry of the navigation (navigation.h): "overview", "customers".
    ValueMap workspace;  // name, currency, zone, replay_of; empty when nobody is signed in.
    ValueMap may;        // By scope, true for what the reader may do: {% if may.write %}.
    std::string path;    // Of the request with its query: where a change of language leads back.
    std::string form_token;  // For every form of the page.
    std::string said;        // What just happened: the text `said.<this>` stands above the page.
    std::string language = "en";
    std::string direction = "ltr";
    std::string locale = "en-001";  // Of numbers, money and dates, in texts, too: locale_of().
    const Zone* zone = nullptr;
    Timestamp now;
    bool bare = false;                 // Without navigation: sign-in, unsubscribe.
    bool wide = false;                 // As wide as the window: editors.
    std::vector<std::string> scripts;  // Files of web/scripts in the order of loading: "editor_js".
    std::vector<std::string> styles;   // Files of web/styles, after the common ones: "editor_css".
};

class Pages {
public:
    // Parses what is embedded. A mistake in a template is a bug of this program: it is checked.
    Pages();

    // The entries of the navigation are those whose pages there are.
    void set_navigation(ValueList entries) { navigation_ = std::move(entries); }

    // `name` is a file of web/templates without its ending.
    http::Response render(int status,
                          std::string_view name,
                          const Frame& frame,
                          const ValueMap& data) const;

    // A text of web/languages in the reader's language, as plain text.
    std::string text(const Frame& frame,
                     std::string_view key,
                     const std::vector<liquid::TextArgument>& arguments = {}) const;

private:
    const LanguageTexts& texts_of(const Frame& frame) const;
    ValueMap layout_data(const Frame& frame) const;
    ValueList addresses(const std::vector<std::string>& assets) const;
    std::string run(std::string_view name, const Frame& frame, const ValueMap& data) const;

    std::map<std::string, liquid::ProgramPtr, std::less<>> programs_;
    liquid::Snippets snippets_;
    ValueMap assets_;  // Addresses with the hash of their content, by name.
    std::map<std::string, std::unique_ptr<LanguageTexts>, std::less<>> texts_;
    ValueList navigation_;
};

// A file of web/styles, web/scripts or web/images by its path below /assets. For ever when `v`
// names its content, else to be asked for again.
http::Response asset(const http::Request& request);

}  // namespace winback::ui
