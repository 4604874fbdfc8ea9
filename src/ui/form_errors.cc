#include "ui/form_errors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace winback::ui {
namespace {

struct Meaning {
    FormKind form;
    std::string_view about;  // Part of the message.
    std::string_view key;
};

// The first that fits counts; a test posts a form for each page.
constexpr std::array<Meaning, 49> meanings{{
    {FormKind::Workspace, "must not be empty", "empty"},
    {FormKind::Workspace, "zone", "zone"},
    {FormKind::Workspace, "currency", "currency"},
    {FormKind::Workspace, "country:", "country"},
    {FormKind::Workspace, "control_percent", "control_percent"},
    {FormKind::Workspace, "changed meanwhile", "changed"},
    {FormKind::Workspace, "'above'", "above"},
    {FormKind::Workspace, "URL", "url"},
    {FormKind::Workspace, "quiet", "clock"},
    {FormKind::Sending, "check-list", "checks"},
    {FormKind::Import, "'zone'", "zone"},
    {FormKind::Import, "'currency'", "currency"},
    {FormKind::Import, "'date_formats'", "dates"},
    {FormKind::Import, "mapping has mistakes", "import_mistakes"},
    {FormKind::Import, "under way", "import_busy"},
    {FormKind::Import, "has ended", "import_ended"},
    {FormKind::Import, "imports wait", "import_queue"},
    {FormKind::User, "address already", "email_taken"},
    {FormKind::User, "e-mail address", "email"},
    {FormKind::User, "name", "name"},
    {FormKind::User, "another admin", "last_admin"},
    {FormKind::Key, "name", "name"},
    {FormKind::Key, "at least one thing", "scopes"},
    {FormKind::Key, "ten years", "days"},
    {FormKind::Webhook, "turn it on first", "webhook_off"},
    {FormKind::Webhook, "deliveries wait", "webhook_queue"},
    {FormKind::Webhook, "changed meanwhile", "changed"},
    {FormKind::Webhook, "'events'", "events"},
    {FormKind::Webhook, "url", "url"},
    {FormKind::Template, "has mistakes", "template_mistakes"},
    {FormKind::Template, "only e-mails", "only_email"},
    {FormKind::Template, "one to five addresses", "addresses"},
    {FormKind::Template, "cannot be written to", "email"},
    {FormKind::Template, "tests go out", "test_limit"},
    {FormKind::List, "'name'", "list_name"},
    {FormKind::List, "200 lists", "list_limit"},
    {FormKind::List, "asks for this list", "list_used"},
    {FormKind::List, "one person may reach", "list_second"},
    {FormKind::List, "listens to this list", "list_listens"},
    {FormKind::List, "names nobody", "list_nobody"},
    {FormKind::List, "who are on the list", "list_many"},
    {FormKind::List, "cut it in two", "list_file"},
    {FormKind::List, "'mode'", "invalid"},
    {FormKind::Segment, "already", "segment_taken"},
    {FormKind::Segment, "a page or a route has", "segment_taken"},
    {FormKind::Segment, "the condition has mistakes", "segment_mistakes"},
    {FormKind::Segment, "give 'name'", "segment_name"},
    {FormKind::Segment, "the id of a segment", "segment_id"},
    {FormKind::Segment, "is used by", "segment_used"},
}};

std::string_view by_code(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return "invalid";
        case ErrorCode::NotFound:
            return "gone";
        case ErrorCode::Conflict:
            return "conflict";
        case ErrorCode::LimitExceeded:
            return "limit";
        case ErrorCode::PermissionDenied:
            return "denied";
        case ErrorCode::Unavailable:
        case ErrorCode::Corrupt:
        case ErrorCode::Internal:
            break;
    }
    return "unavailable";
}

// What the message says beyond the text of `key`: of an address why it is none, and which one it
// is.
std::string more_than(std::string_view key, const std::string& message) {
    const bool said = message.find("cannot be used: ") != std::string::npos;
    return key != "email" ? std::string()
           : said         ? message.substr(message.rfind(": ") + 2)
                          : message;
}

}  // namespace

ValueMap form_error(FormKind form, const Error& error) {
    const auto* found = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& one) {
        return one.form == form && error.message.find(one.about) != std::string::npos;
    });
    ValueMap map;
    map.set("key",
            "wrong." + std::string(found == meanings.end() ? by_code(error.code) : found->key));
    // The text of a code alone says too little; any other says it whole.
    map.set("detail",
            found == meanings.end() ? error.message : more_than(found->key, error.message));
    return map;
}

}  // namespace winback::ui
