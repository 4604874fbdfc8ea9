#include "api/template_draft.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace winback::api {
namespace {

constexpr std::string_view folder = "templates/";
constexpr std::string_view extension = ".liquid";
constexpr std::size_t language_bytes_max = 35;  // RFC 5646 advises it.
constexpr std::array<std::string_view, 3> shared_fields{"channel", "topic", "transactional"};

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= playbook::id_bytes_max &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

bool is_language(std::string_view language) {
    return language.size() >= 2 && language.size() <= language_bytes_max &&
           std::all_of(language.begin(), language.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-';
           });
}

bool is_shared(std::string_view field) {
    return std::find(shared_fields.begin(), shared_fields.end(), field) != shared_fields.end();
}

// `false` is what a missing key means: it is not written where it did not stand.
TemplateFields without_needless_false(std::string_view text, TemplateFields fields) {
    const std::optional<TemplateText> before = split_template(text);
    for (auto& [name, value] : fields) {
        if (name == "transactional" && value == "false" &&
            (!before || before->find(name) == nullptr)) {
            value.clear();
        }
    }
    return fields;
}

std::string joined(std::string_view text, const TemplateFields& fields, std::string_view body) {
    return join_template(text, without_needless_false(text, fields), body);
}

// A new language begins with what belongs to all languages of the template.
TemplateFields shared_of(const playbook::Files& files, std::string_view id) {
    TemplateFields shared;
    for (const auto& [path, text] : files) {
        const auto name = template_file_name(path);
        const std::optional<TemplateText> split =
            name && name->id == id ? split_template(text) : std::nullopt;
        if (!split) {
            continue;
        }
        for (const TemplateText::Field& field : split->fields) {
            if (is_shared(field.name)) {
                shared.emplace_back(field.name, field.value);
            }
        }
        break;
    }
    return shared;
}

std::string new_text(const playbook::Files& files, const TemplateDraft& draft) {
    TemplateFields fields = shared_of(files, draft.id);
    for (const auto& field : draft.fields) {
        const auto known = std::find_if(fields.begin(), fields.end(), [&](const auto& other) {
            return other.first == field.first;
        });
        if (known == fields.end()) {
            fields.push_back(field);
        } else {
            known->second = field.second;
        }
    }
    return joined("", fields, *draft.body);
}

void change_others(const playbook::Files& files, const TemplateDraft& draft, DraftFiles& out) {
    TemplateFields shared;
    for (const auto& field : draft.fields) {
        if (is_shared(field.first)) {
            shared.push_back(field);
        }
    }
    for (const auto& [path, text] : files) {
        const auto name = template_file_name(path);
        if (!name || name->id != draft.id || path == out.path || shared.empty()) {
            continue;
        }
        if (const std::optional<TemplateText> split = split_template(text)) {
            std::string changed = joined(text, shared, split->body);
            if (changed != text) {
                out.changed.emplace(path, std::move(changed));
            }
        }
    }
}

}  // namespace

std::optional<TemplateFileName> template_file_name(std::string_view path) {
    if (!path.starts_with(folder) || !path.ends_with(extension)) {
        return std::nullopt;
    }
    path.remove_prefix(folder.size());
    path.remove_suffix(extension.size());
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos || !is_id(path.substr(0, dot))) {
        return std::nullopt;
    }
    return TemplateFileName{std::string(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

bool same_language(std::string_view a, std::string_view b) {
    std::string left = to_lower_ascii(a);
    std::string right = to_lower_ascii(b);
    std::replace(left.begin(), left.end(), '_', '-');
    std::replace(right.begin(), right.end(), '_', '-');
    return left == right;
}

std::string template_path(const playbook::Files& files,
                          std::string_view id,
                          std::string_view language) {
    for (auto at = files.lower_bound(std::string(folder) + std::string(id) + '.');
         at != files.end(); ++at) {
        const auto name = template_file_name(at->first);
        if (name && name->id == id && same_language(name->language, language)) {
            return at->first;
        }
        if (!at->first.starts_with(folder)) {
            break;
        }
    }
    return {};
}

Result<DraftFiles> draft_files(const playbook::Files& files, const TemplateDraft& draft) {
    if (!is_id(draft.id)) {
        return Error{ErrorCode::InvalidArgument,
                     "a template's id has lower-case letters, digits, _ and -, at most 64"};
    }
    if (!is_language(draft.language)) {
        return Error{ErrorCode::InvalidArgument,
                     "a language is a tag of 2 to 35 letters, such as en or pt-BR"};
    }
    DraftFiles out;
    out.path = template_path(files, draft.id, draft.language);
    const bool is_new = out.path.empty();
    if (is_new && draft.as_it_is()) {
        return Error{ErrorCode::NotFound, "there is no such template in this language"};
    }
    if (is_new) {
        out.path = std::string(folder) + draft.id + "." + draft.language + std::string(extension);
    }
    if (!is_new && draft.body && !split_template(files.at(out.path))) {
        return Error{ErrorCode::InvalidArgument,
                     "the head of " + out.path + " cannot be changed by fields; send 'source'"};
    }
    const std::string before = is_new ? std::string() : files.at(out.path);
    out.text = draft.source ? *draft.source
               : is_new     ? new_text(files, draft)
               : draft.body ? joined(before, draft.fields, *draft.body)
                            : before;
    if (out.text.size() > template_bytes_max) {
        return Error{ErrorCode::LimitExceeded, "a template has at most 512 KiB"};
    }
    if (!is_valid_utf8(out.text) || out.text.find('\0') != std::string::npos) {
        return Error{ErrorCode::InvalidArgument, "a template is text in UTF-8"};
    }
    if (is_new || out.text != before) {
        out.changed.emplace(out.path, out.text);
    }
    if (draft.body) {
        change_others(files, draft, out);
    }
    return out;
}

playbook::Files files_for_template(const playbook::Files& files, std::string_view id) {
    playbook::Files out;
    for (const auto& [path, text] : files) {
        const auto name = template_file_name(path);
        if (path.starts_with("segments/") || path.starts_with("journeys/") ||
            (name && name->id != id)) {
            continue;
        }
        out.emplace(path, text);
    }
    return out;
}

}  // namespace winback::api
