// What the editor of one template shows.
#include <algorithm>
#include <array>

#include "api/access.h"
#include "api/form_token.h"
#include "host/host.h"
#include "http/url.h"
#include "template/text.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::size_t source_shown_max = 200 * 1024;  // Of the rendered HTML, as text.

// Fields of the head that the form shows; others stay as they are in the file.
constexpr std::array<std::string_view, 6> form_fields{"subject",  "preheader", "from",
                                                      "reply_to", "topic",     "transactional"};

std::string value_of(const http::Pairs& values, std::string_view name) {
    const std::string* value = http::find_pair(values, name);
    return value == nullptr ? std::string() : *value;
}

std::string one_of(const std::string& value, std::initializer_list<std::string_view> allowed) {
    return std::find(allowed.begin(), allowed.end(), value) == allowed.end()
               ? std::string(*allowed.begin())
               : value;
}

std::int64_t letters_in(std::string_view text) {
    std::int64_t letters = 0;
    for (std::size_t i = 0; i < text.size(); i += liquid::code_point_length(text.substr(i))) {
        ++letters;
    }
    return letters;
}

const ValueMap* variant_of(const ValueMap& entry, std::string_view language) {
    for (const Value& variant : list_at(entry, "variants")) {
        if (api::same_language(text_at(*variant.as_map(), "language"), language)) {
            return variant.as_map();
        }
    }
    return nullptr;
}

// The saved text to begin from: the language's own, else the workspace's, else any.
const ValueMap* begin_from(const ValueMap& entry, std::string_view language) {
    const ValueMap* own = variant_of(entry, language);
    if (own == nullptr) {
        own = variant_of(entry, text_at(entry, "workspace_language"));
    }
    const ValueList& variants = list_at(entry, "variants");
    return own == nullptr && !variants.empty() ? variants.front().as_map() : own;
}

// The form's fields: from the draft when there is one, else from the saved text.
void add_text(const EditorState& state, const std::string& source, ValueMap& data) {
    const std::optional<api::TemplateText> saved = api::split_template(source);
    ValueMap fields;
    for (const std::string_view name : form_fields) {
        const api::TemplateText::Field* field = saved ? saved->find(name) : nullptr;
        if (field != nullptr && !field->plain) {
            continue;  // A map: it has no place in a line of the form.
        }
        const auto drafted = std::find_if(state.draft.fields.begin(), state.draft.fields.end(),
                                          [&](const auto& other) { return other.first == name; });
        fields.set(std::string(name), drafted != state.draft.fields.end() ? drafted->second
                                      : field != nullptr                  ? field->value
                                                                          : std::string());
    }
    data.set("fields", std::move(fields));
    // A head that has no lines for its fields is written with the body, as one text.
    data.set("whole", !saved && !state.draft.body);
    data.set("body", state.draft.source ? *state.draft.source
                     : state.draft.body ? *state.draft.body
                     : saved            ? saved->body
                                        : source);
}

ValueList languages_of(const ValueMap& entry, const EditorState& state) {
    ValueList list;
    const auto add = [&](const std::string& language, bool missing) {
        EditorState other = state;
        other.draft.language = language;
        ValueMap map;
        map.set("language", language);
        map.set("missing", missing);
        map.set("chosen", api::same_language(language, state.draft.language));
        map.set("path", editor_path(other));
        list.emplace_back(std::move(map));
    };
    for (const Value& language : list_at(entry, "languages")) {
        add(*language.as_string(), false);
    }
    for (const Value& language : list_at(entry, "missing")) {
        add(*language.as_string(), true);
    }
    const bool listed = std::any_of(list.begin(), list.end(), [](const Value& value) {
        return *value.as_map()->find("chosen")->as_bool();
    });
    if (!listed) {
        add(state.draft.language, true);
    }
    return list;
}

// Each name once: which language of it is meant follows from the draft.
ValueList samples_of(const ValueMap& entry) {
    ValueList list;
    for (const Value& value : list_at(entry, "samples")) {
        const std::string id = text_at(*value.as_map(), "id");
        const bool known = std::any_of(list.begin(), list.end(), [&](const Value& other) {
            return text_at(*other.as_map(), "id") == id;
        });
        if (!known) {
            list.push_back(value);
        }
    }
    return list;
}

// Whom the editor shows unless somebody else is asked for.
std::string usual_sample(const ValueMap& entry, std::string_view language) {
    std::vector<engine::Sample> samples;
    for (const Value& value : list_at(entry, "samples")) {
        engine::Sample& sample = samples.emplace_back();
        sample.id = text_at(*value.as_map(), "id");
        sample.language = text_at(*value.as_map(), "language");
    }
    const engine::Sample* usual =
        api::choose_sample(samples, {}, language, text_at(entry, "workspace_language"));
    return usual == nullptr ? std::string() : usual->id;
}

// Message, mistakes and figures. A reader who does not exist is said, and a sample shown instead.
Status add_preview(api::TemplateDesk& templates,
                   const http::Request& request,
                   const EditorState& state,
                   ValueMap& data) {
    const auto who = api::key_of(request, templates.desk().host().keys());
    const std::string owner = who ? who->id : std::string();
    api::TemplateDraft draft = state.draft;
    if (draft.as_it_is() && data.find("is_new")->as_bool() != nullptr &&
        *data.find("is_new")->as_bool()) {
        // The text to begin from, in the new language.
        draft.body = text_at(data, "body");
        for (const auto& [name, value] : *data.find("fields")->as_map()) {
            draft.fields.emplace_back(name, *value.as_string());
        }
    }
    Result<ValueMap> preview = templates.preview(draft, state.reader, owner);
    if (!preview && preview.error().code == ErrorCode::NotFound &&
        (!state.reader.customer.empty() || !state.reader.sample.empty())) {
        data.set("reader_problem", preview.error().message);
        preview = templates.preview(draft, {}, owner);
    }
    if (!preview) {
        return preview.error();
    }
    if (const ValueMap* message = preview->find("message")->as_map()) {
        data.set("subject_letters", letters_in(text_at(*message, "subject")));
        data.set("text_letters", letters_in(text_at(*message, "text")));
        data.set("kilobytes", message->find("bytes")->number_or(0) / 1024);
        data.set("source", text_at(*message, "html").substr(0, source_shown_max));
        data.set("source_cut", text_at(*message, "html").size() > source_shown_max);
    }
    data.set("preview", *std::move(preview));
    return Ok{};
}

}  // namespace

EditorState editor_state(const http::Request& request, const http::Pairs& values) {
    EditorState state;
    state.draft.id = request.param("id");
    state.draft.language = value_of(values, "language");
    state.reader.customer = value_of(values, "customer");
    state.reader.sample = value_of(values, "sample");
    state.width = one_of(value_of(values, "width"), {"phone", "desktop"});
    state.scheme = one_of(value_of(values, "scheme"), {"light", "dark"});
    state.pictures = one_of(value_of(values, "pictures"), {"none", "shown"});
    state.part = one_of(value_of(values, "part"), {"html", "text", "source", "subject"});
    state.recipients = value_of(values, "to");
    // "Save mine over it" names the version that its writer has seen.
    const std::string over = value_of(values, "over");
    const std::string version = over.empty() ? value_of(values, "version") : over;
    const bool is_number =
        !version.empty() && version.size() < 19 &&
        std::all_of(version.begin(), version.end(), [](char c) { return c >= '0' && c <= '9'; });
    state.version = is_number ? std::stoull(version) : 0;
    if (request.method != "POST") {
        return state;  // A link to a text that nobody saved would be made by whoever opens it.
    }
    if (const std::string* source = http::find_pair(values, "source")) {
        state.draft.source = api::with_line_feeds(*source);
    } else if (const std::string* body = http::find_pair(values, "body")) {
        state.draft.body = api::with_line_feeds(*body);
        for (const std::string_view name : form_fields) {
            if (const std::string* value = http::find_pair(values, name)) {
                state.draft.fields.emplace_back(name, *value);
            }
        }
        // A box that is not ticked sends nothing; the form says beside it that it has one.
        if (http::find_pair(values, "has_transactional") != nullptr &&
            http::find_pair(values, "transactional") == nullptr) {
            state.draft.fields.emplace_back("transactional", "false");
        }
    }
    return state;
}

std::string editor_path(const EditorState& state) {
    http::Pairs pairs{{"language", state.draft.language}};
    const EditorState usual;
    for (const auto& [name, value, otherwise] :
         {std::tuple("customer", &state.reader.customer, &usual.reader.customer),
          std::tuple("sample", &state.reader.sample, &usual.reader.sample),
          std::tuple("width", &state.width, &usual.width),
          std::tuple("scheme", &state.scheme, &usual.scheme),
          std::tuple("pictures", &state.pictures, &usual.pictures),
          std::tuple("part", &state.part, &usual.part)}) {
        if (*value != *otherwise) {
            pairs.emplace_back(name, *value);
        }
    }
    return "/templates/" + http::percent_encode(state.draft.id) + "?" + http::format_query(pairs);
}

std::string in_scheme(std::string_view html, bool dark) {
    const std::string_view scheme = dark ? "dark" : "light";
    // Conditions that always or never hold: they may stand among others.
    const std::array<std::pair<std::string_view, std::string>, 4> words{{
        {"(prefers-color-scheme: dark)", dark ? "(min-width: 0)" : "(max-width: 0)"},
        {"(prefers-color-scheme:dark)", dark ? "(min-width: 0)" : "(max-width: 0)"},
        {"color-scheme: light dark", "color-scheme: " + std::string(scheme)},
        {"content=\"light dark\"", "content=\"" + std::string(scheme) + "\""},
    }};
    std::string out;
    out.reserve(html.size());
    while (!html.empty()) {
        const auto word = std::find_if(words.begin(), words.end(), [&](const auto& pair) {
            return html.starts_with(pair.first);
        });
        out += word == words.end() ? html.substr(0, 1) : std::string_view(word->second);
        html.remove_prefix(word == words.end() ? 1 : word->first.size());
    }
    return out;
}

Result<ValueMap> template_editor_data(api::TemplateDesk& templates,
                                      const http::Request& request,
                                      const EditorState& asked) {
    WINBACK_TRY(ValueMap data, templates.describe(asked.draft.id));
    EditorState state = asked;
    if (state.draft.language.empty()) {
        state.draft.language =
            text_at(*begin_from(data, text_at(data, "workspace_language")), "language");
    }
    const std::string usual = usual_sample(data, state.draft.language);
    if (state.reader.sample == usual) {
        state.reader.sample.clear();  // Another language has another usual one.
    }
    const ValueMap* own = variant_of(data, state.draft.language);
    const ValueMap* begin = begin_from(data, state.draft.language);
    data.set("is_new", own == nullptr);
    data.set("begun_from", text_at(*begin, "language"));
    add_text(state, text_at(*begin, "source"), data);
    WINBACK_TRY(const Ok shown, add_preview(templates, request, state, data));
    static_cast<void>(shown);
    data.set("language", state.draft.language);
    data.set("direction", message::is_right_to_left(state.draft.language) ? "rtl" : "ltr");
    data.set("base_version", state.version != 0 ? Value(static_cast<std::int64_t>(state.version))
                                                : *data.find("version"));
    data.set("language_list", languages_of(data, state));
    data.set("sample_list", samples_of(data));
    data.set("customer", state.reader.customer);
    data.set("usual_sample", usual);
    // The one that is shown, also when the one that was asked for does not exist.
    const ValueMap& preview = *data.find("preview")->as_map();
    data.set("shown_sample",
             *preview.find("is_sample")->as_bool() ? text_at(preview, "reader") : usual);
    data.set("width", state.width);
    data.set("scheme", state.scheme);
    data.set("pictures", state.pictures);
    data.set("part", state.part);
    data.set("recipients", state.recipients);
    data.set("token", api::form_token(request));
    const auto who = api::key_of(request, templates.desk().host().keys());
    data.set("may_write", who && who->allows("write"));
    data.set("delivers", templates.options().delivers);
    data.set("folder", templates.options().playbook_folder);
    return data;
}

}  // namespace winback::ui
