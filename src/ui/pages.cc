#include "ui/pages.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/check.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/words.h"
#include "template/locale.h"
#include "ui/embedded.h"

namespace winback::ui {
namespace {

constexpr std::string_view templates_folder = "templates/";
constexpr std::string_view parts_folder = "templates/parts/";
constexpr std::string_view template_ending = ".liquid";

// Numbers, plurals and the fallback of each language.
void load_languages(std::map<std::string, std::unique_ptr<LanguageTexts>, std::less<>>& texts) {
    const LanguageTexts* english = nullptr;
    for (const Language& language : languages) {
        const std::string path = "languages/" + std::string(language.code) + ".yaml";
        for (const api::EmbeddedFile& file : embedded_web_files()) {
            if (file.path != path) {
                continue;
            }
            Diagnostics diagnostics;
            auto made = std::make_unique<LanguageTexts>(
                file.content, file.path, std::string(language.code), english, diagnostics);
            for (const Diagnostic& diagnostic : diagnostics) {
                std::fputs(winback::render(diagnostic, file.content).c_str(), stderr);
            }
            WINBACK_CHECK(diagnostics.empty());
            english = english == nullptr ? made.get() : english;
            texts.emplace(language.code, std::move(made));
        }
    }
    WINBACK_CHECK(texts.size() == std::size(languages));
}

std::string version_of(std::string_view content) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%016llx",
                  static_cast<unsigned long long>(hash64(content)));
    return text.data();
}

std::string_view type_of(std::string_view path) {
    return path.ends_with(".css")   ? "text/css; charset=utf-8"
           : path.ends_with(".js")  ? "text/javascript; charset=utf-8"
           : path.ends_with(".svg") ? "image/svg+xml"
                                    : "application/octet-stream";
}

bool is_asset(std::string_view path) {
    return path.starts_with("styles/") || path.starts_with("images/") ||
           path.starts_with("scripts/") || path.starts_with("node_modules/");
}

std::string_view stem_of(std::string_view path, std::string_view folder) {
    path.remove_prefix(folder.size());
    path.remove_suffix(template_ending.size());
    return path;
}

liquid::Parsed parse(const api::EmbeddedFile& file) {
    liquid::Parsed parsed = liquid::parse(file.content, {.file = file.path, .has_texts = true});
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
        std::fputs(winback::render(diagnostic, file.content).c_str(), stderr);
    }
    WINBACK_CHECK(parsed.program != nullptr);
    return parsed;
}

}  // namespace

Pages::Pages() {
    load_languages(texts_);
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (file.path.starts_with(parts_folder)) {
            snippets_.add(stem_of(file.path, parts_folder), parse(file));
        } else if (is_asset(file.path)) {
            std::string name(file.path.substr(file.path.rfind('/') + 1));
            std::replace(name.begin(), name.end(), '.', '_');
            assets_.set(std::move(name),
                        "/assets/" + std::string(file.path) + "?v=" + version_of(file.content));
        }
    }
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (file.path.starts_with(templates_folder) && !file.path.starts_with(parts_folder)) {
            programs_.emplace(stem_of(file.path, templates_folder), parse(file).program);
        }
    }
}

const LanguageTexts& Pages::texts_of(const Frame& frame) const {
    const auto found = texts_.find(frame.language);
    return *(found != texts_.end() ? found : texts_.find("en"))->second;
}

std::string Pages::text(const Frame& frame,
                        std::string_view key,
                        const std::vector<liquid::TextArgument>& arguments) const {
    std::string out;
    texts_of(frame).write(out, key, arguments, false);
    return out;
}

std::string Pages::run(std::string_view name, const Frame& frame, const ValueMap& data) const {
    const auto program = programs_.find(name);
    WINBACK_CHECK(program != programs_.end());
    std::string out;
    const auto error =
        liquid::render(*program->second, data,
                       {.zone = frame.zone,
                        .locale = frame.locale.empty() ? frame.language : frame.locale,
                        .now = frame.now,
                        .snippets = &snippets_,
                        .texts = &texts_of(frame)},
                       out);
    if (error) {
        // Only data beyond the limits of the renderer leads here; the page says so and goes on.
        std::fprintf(stderr, "page %.*s, line %d: %s\n", static_cast<int>(name.size()), name.data(),
                     error->position.line, error->message.c_str());
        return "<p class=\"notice\">" + escape_html(text(frame, "page.too_large")) + "</p>";
    }
    return out;
}

ValueMap Pages::layout_data(const Frame& frame) const {
    ValueMap layout;
    layout.set("title", frame.title);
    layout.set("active", frame.active);
    layout.set("workspace", frame.workspace);
    layout.set("language", frame.language);
    layout.set("direction", frame.direction);
    layout.set("locale", liquid::with_digits(frame.locale.empty() ? frame.language : frame.locale));
    layout.set("bare", frame.bare);
    layout.set("now", frame.now);
    layout.set("wide", frame.wide);
    layout.set("may", frame.may);
    layout.set("path", frame.path);
    layout.set("form_token", frame.form_token);
    const bool known = texts_of(frame).has("said." + frame.said);
    layout.set("said", known ? Value(text(frame, "said." + frame.said)) : Value());
    layout.set("scripts", addresses(frame.scripts));
    layout.set("styles", addresses(frame.styles));
    layout.set("assets", assets_);
    ValueList navigation;
    for (const Value& entry : navigation_) {
        const Value* scope = entry.as_map()->find("scope");
        const Value* may = frame.may.find(*scope->as_string());
        if (may != nullptr && *may == Value(true)) {
            navigation.push_back(entry);
        }
    }
    layout.set("navigation", std::move(navigation));
    ValueList known_languages;
    for (const Language& language : languages) {
        ValueMap map;
        map.set("code", language.code);
        map.set("name", language.name);
        known_languages.emplace_back(std::move(map));
    }
    layout.set("languages", std::move(known_languages));
    return layout;
}

ValueList Pages::addresses(const std::vector<std::string>& names) const {
    ValueList list;
    for (const std::string& name : names) {
        const Value* address = assets_.find(name);
        WINBACK_CHECK(address != nullptr);
        list.push_back(*address);
    }
    return list;
}

http::Response Pages::render(int status,
                             std::string_view name,
                             const Frame& frame,
                             const ValueMap& data) const {
    ValueMap tree = spoken(data, frame.language);
    tree.set("workspace", frame.workspace);
    tree.set("may", frame.may);
    tree.set("form_token", frame.form_token);
    ValueMap layout = layout_data(frame);
    layout.set("page", name);
    layout.set("content", run(name, frame, tree));
    http::Response response = http::html(status, run("layout", frame, layout));
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response asset(const http::Request& request) {
    const std::string_view path = request.param("file");
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (file.path != path || !is_asset(path)) {
            continue;
        }
        http::Response response;
        response.body = file.content;
        response.set("Content-Type", std::string(type_of(path)));
        response.set("X-Content-Type-Options", "nosniff");
        const std::string* version = request.query_value("v");
        const bool for_ever = version != nullptr && *version == version_of(file.content);
        response.set("Cache-Control",
                     for_ever ? "public, max-age=31536000, immutable" : "no-cache");
        return response;
    }
    return http::error(404, "not_found", "there is no such file");
}

}  // namespace winback::ui
