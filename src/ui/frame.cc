#include "ui/frame.h"

#include "api/access.h"
#include "api/form_token.h"
#include "api/guide.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/users.h"

namespace winback::ui {
namespace {

// The first language of ours that the browser names; those without weight come in order of liking.
const Language* accepted_language(std::string_view header) {
    while (!header.empty()) {
        const std::size_t comma = header.find(',');
        std::string_view range = header.substr(0, comma);
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        range = trim(range.substr(0, range.find(';')));
        if (const Language* language = find_language(range)) {
            return language;
        }
    }
    return nullptr;
}

void speak(Frame& frame, std::string language, std::string_view country) {
    frame.direction = find_language(language)->right_to_left ? "rtl" : "ltr";
    frame.locale = locale_of(language, country);
    frame.language = std::move(language);
}

// Without a word for it, Persian is written in Jalali dates and all others in Gregorian ones.
std::string with_calendar(std::string locale, std::string_view calendar) {
    const bool persian = locale.starts_with("fa");
    if (calendar == (persian ? "persian" : "gregorian")) {
        return locale;
    }
    return locale + "-u-ca-" + (calendar == "gregorian" ? "gregory" : std::string(calendar));
}

std::optional<host::User> reader_of(api::Desk& desk, const std::optional<host::Key>& key) {
    return key && !key->user.empty() ? desk.host().users().find(key->user) : std::nullopt;
}

// Where the folder lies is nobody's business on a page.
std::string name_of_folder(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) {
        path.remove_suffix(1);
    }
    return std::string(path.substr(path.rfind('/') + 1));
}

void describe_reader(Frame& frame,
                     const std::optional<host::Key>& key,
                     const http::Request& request) {
    for (const std::string_view scope : api::scopes) {
        frame.may.set(std::string(scope), key && api::may(*key, scope));
    }
    frame.form_token = api::form_token(request);
    frame.path = request.target;
    if (const std::string* said = request.query_value("said")) {
        frame.said = *said;
    }
}

}  // namespace

std::string language_of(const http::Request& request,
                        std::string_view fallback,
                        std::string_view profile) {
    const Language* language = nullptr;
    if (const std::string* asked = request.query_value("lang")) {
        language = find_language(*asked);
    }
    if (const auto chosen = request.cookie(language_cookie); language == nullptr && chosen) {
        language = find_language(*chosen);
    }
    if (language == nullptr) {
        language = find_language(profile);
    }
    if (const std::string* accepted = request.header("accept-language");
        language == nullptr && accepted != nullptr) {
        language = accepted_language(*accepted);
    }
    if (language == nullptr) {
        language = find_language(fallback);
    }
    return std::string(language == nullptr ? languages[0].code : language->code);
}

void set_language(http::Response& response, std::string_view code) {
    constexpr long long lifetime_seconds = 365LL * 24 * 3600;
    if (const Language* language = find_language(code)) {
        http::set_cookie(response, {.name = std::string(language_cookie),
                                    .value = std::string(language->code),
                                    .max_age_seconds = lifetime_seconds});
    }
}

std::string locale_of(std::string_view language, std::string_view country) {
    std::string locale(language);
    if (!country.empty()) {
        return locale + "-" + std::string(country);
    }
    return language == "en" ? "en-001" : locale;
}

Frame frame_of(api::Desk& desk, const http::Request& request) {
    Frame frame;
    frame.now = desk.host().now();
    ValueMap& workspace = frame.workspace;
    workspace.set("signed_in", true);
    std::string fallback;
    std::string country;
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        frame.zone = definitions->workspace.zone;
        fallback = definitions->workspace.language;
        country = definitions->workspace.country;
        workspace.set("name", definitions->workspace.name);
        workspace.set("currency", definitions->workspace.currency);
    } else {
        workspace.set("name", "");
        const Value* currency = desk.overview()->tree.find("currency");
        const bool known = currency != nullptr && currency->as_string() != nullptr &&
                           !currency->as_string()->empty();
        workspace.set("currency", known ? *currency->as_string() : std::string("USD"));
    }
    workspace.set("replay_of", name_of_folder(desk.host().origin().replay_of));
    workspace.set("now", frame.now);
    workspace.set("guide", api::guide_is_open(desk.host()));
    const std::optional<host::Key> key = api::key_of(request, desk.host().keys());
    const std::optional<host::User> reader = reader_of(desk, key);
    speak(frame, language_of(request, fallback, reader ? reader->language : ""), country);
    if (reader) {
        frame.locale = with_calendar(std::move(frame.locale), reader->calendar);
    }
    describe_reader(frame, key, request);
    return frame;
}

Frame visitor_frame(const http::Request& request) {
    Frame frame;
    frame.bare = true;
    speak(frame, language_of(request, ""), "");
    return frame;
}

}  // namespace winback::ui
