#include "ui/frame.h"

#include <charconv>
#include <set>

#include <unicode/locid.h>

#include "api/access.h"
#include "api/form_token.h"
#include "api/guide.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/users.h"

namespace winback::ui {
namespace {

// How much a browser likes what stands in one part of Accept-Language: 1 when it does not say.
double weight_of(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) {
        return 1;
    }
    const std::string_view text = trim(parameters.substr(at + 2));
    double weight = 0;
    const auto [stopped, fault] = std::from_chars(text.data(), text.data() + text.size(), weight);
    return fault == std::errc() && weight >= 0 && weight <= 1 ? weight : 0;
}

// The language of ours that the browser likes most; of those it likes as much, the first.
const Language* accepted_language(std::string_view header) {
    const Language* best = nullptr;
    double most = 0;  // What has the weight 0 is not wanted.
    while (!header.empty()) {
        const std::size_t comma = header.find(',');
        const std::string_view range = header.substr(0, comma);
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        const std::size_t semicolon = range.find(';');
        const Language* language = find_language(trim(range.substr(0, semicolon)));
        const double weight =
            semicolon == std::string_view::npos ? 1 : weight_of(range.substr(semicolon));
        if (language != nullptr && weight > most) {
            best = language;
            most = weight;
        }
    }
    return best;
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

// Whether English is written in a way of its own there. Where it is not, ICU would write as in
// the United States, month first.
bool has_own_english(std::string_view country) {
    static const std::set<std::string, std::less<>> known = [] {
        std::set<std::string, std::less<>> countries;
        int32_t count = 0;
        const icu::Locale* all = icu::Locale::getAvailableLocales(count);
        for (int32_t i = 0; i < count; ++i) {
            if (std::string_view(all[i].getLanguage()) == "en") {
                countries.insert(all[i].getCountry());
            }
        }
        return countries;
    }();
    return known.contains(country);
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

void speak(Frame& frame, const Language& language, std::string_view country) {
    frame.direction = language.right_to_left ? "rtl" : "ltr";
    frame.locale = locale_of(language.code, country);
    frame.language = language.code;
}

std::string locale_of(std::string_view language,
                      std::string_view country,
                      std::string_view calendar) {
    std::string locale(language);
    if (language == "en" && (country.empty() || !has_own_english(country))) {
        locale += "-001";
    } else if (!country.empty()) {
        locale += "-" + std::string(country);
    }
    // The keys in the order of their letters, as BCP 47 has them.
    std::string keys;
    if (!calendar.empty() && calendar != (language == "fa" ? "persian" : "gregorian")) {
        keys += "-ca-" + (calendar == "gregorian" ? "gregory" : std::string(calendar));
    }
    const Language* known = find_language(language);
    if (known != nullptr && !known->digits.empty()) {
        keys += "-nu-" + std::string(known->digits);
    }
    return keys.empty() ? locale : locale + "-u" + keys;
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
    const std::string language = language_of(request, fallback, reader ? reader->language : "");
    speak(frame, *find_language(language), country);
    if (reader) {
        frame.locale = locale_of(language, country, reader->calendar);
    }
    describe_reader(frame, key, request);
    return frame;
}

Frame visitor_frame(const http::Request& request) {
    Frame frame;
    frame.bare = true;
    speak(frame, *find_language(language_of(request, "")), "");
    return frame;
}

}  // namespace winback::ui
