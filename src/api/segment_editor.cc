#include "api/segment_editor.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "api/new_id.h"
#include "api/playbook_versions.h"
#include "api/segments.h"
#include "base/strings.h"
#include "host/host.h"
#include "playbook/id.h"
#include "yaml/replace.h"
#include "yaml/yaml.h"

namespace winback::api {
namespace {

using yaml::NewText;
using yaml::YamlNode;

// What stands behind /segments/ and is no segment.
constexpr std::array<std::string_view, 4> reserved_ids{"count", "new", "preview", "tree"};

std::string path_of(std::string_view id) {
    return "segments/" + std::string(id) + ".yaml";
}

// The way to what people of a language read under the key: a text of its own, or one among several
// languages ("pt" is read where "pt-BR" has none).
std::vector<std::string> way_to(const YamlNode& root,
                                const std::string& key,
                                std::string_view language) {
    const YamlNode* node = root.find(key);
    if (node == nullptr || node->kind != YamlNode::Kind::Map) {
        return {key};
    }
    const std::string_view first = language.substr(0, language.find('-'));
    const bool by_first = node->find(language) == nullptr && node->find(first) != nullptr;
    return {key, std::string(by_first ? first : language)};
}

// What people of the language read there; empty when there is nothing.
std::string shown_text(const YamlNode& root, const std::string& key, std::string_view language) {
    const std::vector<std::string> way = way_to(root, key, language);
    const YamlNode* node = root.find(key);
    if (node != nullptr && node->kind == YamlNode::Kind::Map) {
        const YamlNode* own = node->find(way.back());
        const YamlNode* first = node->fields.empty() ? nullptr : &node->fields.front().value;
        node = own == nullptr ? first : own;
    }
    return node == nullptr ? std::string() : node->text;
}

Result<std::string> with_words(std::string text,
                               const std::string& key,
                               std::string_view words,
                               std::string_view language) {
    Diagnostics ignored;  // with_text finds the same.
    const YamlNode root = yaml::read_yaml(text, "", ignored);
    if (words == shown_text(root, key, language)) {
        return text;  // Also where it is that of another language.
    }
    return yaml::with_text(text, way_to(root, key, language),
                           words.empty() ? std::nullopt : std::optional(NewText{.text = words}));
}

std::string_view newcomers_word(bool enter) {
    return enter ? "enter" : "stay";
}

std::string names_of(const ValueList& users) {
    std::string names;
    for (const Value& user : users) {
        const ValueMap& map = *user.as_map();
        names += (names.empty() ? "" : ", ") + ("the " + *map.find("kind")->as_string()) + " '" +
                 *map.find("id")->as_string() + "'";
    }
    return names;
}

PlaybookSaved told(TemplateDesk& templates,
                   const PlaybookAct& act,
                   const std::string& path,
                   PlaybookSaved saved) {
    saved.file = saved.file.empty() ? path : saved.file;
    if (saved.kind == PlaybookSaved::Kind::Saved) {
        templates.log(path + (act.what == "segment.delete" ? " was deleted" : " was saved") +
                      " as playbook version " + std::to_string(saved.version) +
                      " by session or token " + act.who.id);
    }
    return saved;
}

PlaybookAct act_of(std::string_view what,
                   std::string_view id,
                   std::uint64_t base_version,
                   const host::Key& who) {
    ValueMap before;
    before.set("version", static_cast<std::int64_t>(base_version));
    ValueMap after;
    after.set("file", path_of(id));
    return {.who = who,
            .what = std::string(what),
            .target = std::string(id),
            .how = "segment",
            .before = std::move(before),
            .after = std::move(after)};
}

}  // namespace

Result<std::string> segment_file(std::string_view present,
                                 const SegmentDraft& draft,
                                 std::string_view language) {
    const bool is_new = present.empty();
    if ((is_new && (!draft.name || !draft.condition)) ||
        (draft.name && trim(*draft.name).empty())) {
        return Error{
            ErrorCode::InvalidArgument,
            "a segment has a name and a condition: give 'name', and 'condition' or 'tree'"};
    }
    std::string text = is_new ? std::string("name: \n") : std::string(present);
    if (draft.name) {
        WINBACK_TRY(text, with_words(std::move(text), "name", trim(*draft.name), language));
    }
    if (draft.description) {
        WINBACK_TRY(text,
                    with_words(std::move(text), "description", trim(*draft.description), language));
    }
    if (draft.newcomers_enter) {
        Diagnostics ignored;
        const bool says = yaml::read_yaml(text, "", ignored).find("newcomers") != nullptr;
        if (says || *draft.newcomers_enter) {
            WINBACK_TRY(text, yaml::with_text(text, {"newcomers"},
                                              NewText{newcomers_word(*draft.newcomers_enter)}));
        }
    }
    if (draft.condition) {
        WINBACK_TRY(text, yaml::with_text(text, {"condition"},
                                          NewText{.text = *draft.condition, .block = true}));
    }
    return text;
}

bool is_reserved_segment_id(std::string_view id) {
    return std::find(reserved_ids.begin(), reserved_ids.end(), id) != reserved_ids.end();
}

Result<PlaybookSaved> save_segment(TemplateDesk& templates,
                                   const SegmentDraft& draft,
                                   std::uint64_t base_version,
                                   const host::Key& who) {
    if (!playbook::is_valid_id(draft.id)) {
        return Error{ErrorCode::InvalidArgument,
                     "the id of a segment has lower-case letters, digits, '_' and '-', at most 64"};
    }
    if (is_reserved_segment_id(draft.id)) {
        return Error{ErrorCode::InvalidArgument,
                     "a page or a route has the name '" + draft.id + "'; choose another id"};
    }
    Desk& desk = templates.desk();
    WINBACK_TRY(const playbook::Files base, desk.host().playbook_files(base_version));
    const std::string path = path_of(draft.id);
    const auto present = base.find(path);
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(std::string text,
                segment_file(present == base.end() ? std::string_view() : present->second, draft,
                             definitions == nullptr ? "en" : definitions->workspace.language));
    const PlaybookAct act = act_of("segment.save", draft.id, base_version, who);
    WINBACK_TRY(PlaybookSaved saved,
                templates.writer().save(base_version, {{path, std::move(text)}}, path, act));
    return told(templates, act, path, std::move(saved));
}

namespace {

Result<MadeSegment> try_to_make(TemplateDesk& templates, SegmentDraft draft, const host::Key& who) {
    // Of one that somebody makes after this, the writer says that it was saved meanwhile.
    const std::uint64_t version = present_version(templates.desk());
    WINBACK_TRY(const playbook::Files present, templates.desk().host().playbook_files(version));
    const auto is_there = [&](std::string_view id) { return present.contains(path_of(id)); };
    if (draft.id.empty()) {
        draft.id = new_id(draft.name.value_or(""), "segment", [&](std::string_view id) {
            return is_reserved_segment_id(id) || is_there(id);
        });
    } else if (is_there(draft.id)) {
        return Error{ErrorCode::Conflict, "there is a segment '" + draft.id + "' already"};
    }
    WINBACK_TRY(PlaybookSaved saved, save_segment(templates, draft, version, who));
    return MadeSegment{.id = std::move(draft.id), .saved = std::move(saved)};
}

}  // namespace

Result<MadeSegment> make_segment(TemplateDesk& templates,
                                 const SegmentDraft& draft,
                                 const host::Key& who) {
    // Whoever leaves the id to us does not mind that somebody took the first one meanwhile.
    constexpr int attempts_max = 20;
    for (int attempt = 1;; ++attempt) {
        Result<MadeSegment> made = try_to_make(templates, draft, who);
        const bool taken = made && made->saved.kind == PlaybookSaved::Kind::Conflict;
        if (!taken || !draft.id.empty() || attempt == attempts_max) {
            return made;
        }
    }
}

Result<PlaybookSaved> delete_segment(TemplateDesk& templates,
                                     std::string_view id,
                                     std::uint64_t base_version,
                                     const host::Key& who) {
    Desk& desk = templates.desk();
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(const segment::Segment* segment, find_segment(definitions, id));
    WINBACK_TRY(const playbook::Files base, desk.host().playbook_files(base_version));
    const std::uint64_t version = definitions->version;
    WINBACK_TRY(playbook::Files next, desk.host().playbook_files(version));
    const std::string path = path_of(segment->id);
    if (!base.contains(path) || base.at(path) != next.at(path)) {
        return PlaybookSaved{
            .kind = PlaybookSaved::Kind::Conflict, .version = version, .file = path};
    }
    if (const ValueList users = users_of(*definitions, id); !users.empty()) {
        return Error{ErrorCode::Conflict, "'" + std::string(id) + "' is used by " +
                                              names_of(users) + "; change them first"};
    }
    next.erase(path);
    const PlaybookAct act = act_of("segment.delete", id, base_version, who);
    WINBACK_TRY(PlaybookSaved saved, templates.writer().replace(version, next, false, act));
    return told(templates, act, path, std::move(saved));
}

}  // namespace winback::api
