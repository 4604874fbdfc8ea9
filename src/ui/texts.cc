#include "ui/texts.h"

#include <algorithm>
#include <mutex>

#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>

#include "base/strings.h"
#include "template/icu_locale.h"
#include "template/locale.h"
#include "yaml/yaml.h"

namespace winback::ui {
namespace {

std::string number_text(const Value& value) {
    if (const std::int64_t* whole = value.as_int()) {
        return std::to_string(*whole);
    }
    std::string text = to_json(value);
    return text.find_first_of("eE") == std::string::npos ? text : std::string("0");
}

std::string words_of(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    std::string words(dot == std::string_view::npos ? key : key.substr(dot + 1));
    for (char& c : words) {
        c = c == '_' ? ' ' : c;
    }
    return words;
}

// Isolates what a person typed from the direction of the text around it (UAX #9, 2.4.4).
constexpr std::string_view isolate_begin = "\u2068";
constexpr std::string_view isolate_end = "\u2069";

// A text argument as it is put into a text. Markup isolates by itself (bdi), and an address in an
// attribute must stay as it is.
std::string shown(const Value& value, bool right_to_left, bool html) {
    const std::string* text = value.as_string();
    std::string words = text != nullptr ? *text : to_json(value);
    if (html) {
        return escape_html(words);
    }
    const bool plain = std::all_of(words.begin(), words.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (plain && !right_to_left) {
        return words;
    }
    return std::string(isolate_begin) + words + std::string(isolate_end);
}

}  // namespace

// Most texts are words with a few names in them; these are put together by hand. The rest is left
// to ICU, whose formatters make their parts when first used and so take one caller at a time. Each
// writes the numbers of one place; there are as many places as workspaces have had countries.
struct LanguageTexts::Text {
    struct Piece {
        std::string words;
        std::string argument;  // Behind the words; empty at the end.
    };
    std::vector<Piece> pieces;
    std::set<std::string> arguments;
    std::set<std::string, std::less<>> keywords;  // Arguments that choose by word: `select`.
    bool right_to_left = false;
    icu::UnicodeString pattern;  // Of the formats below.
    static constexpr std::size_t formats_max = 16;
    using Formats = std::map<std::string, std::unique_ptr<icu::MessageFormat>, std::less<>>;
    mutable Formats formats;  // By locale; at least one when `pieces` are empty.
    mutable std::mutex mutex;

    // Empty pieces when the pattern chooses between forms.
    static std::vector<Piece> simple_pieces(const icu::MessagePattern& pattern);
    // Null when ICU does not take the pattern.
    const icu::MessageFormat* format_in(std::string_view locale) const;
    std::string formatted(std::string_view locale,
                          const std::vector<liquid::TextArgument>& given,
                          bool html) const;
};

const icu::MessageFormat* LanguageTexts::Text::format_in(std::string_view locale) const {
    const auto found = formats.find(locale);
    if (found != formats.end()) {
        return found->second.get();
    }
    UErrorCode status = U_ZERO_ERROR;
    UParseError fault{};
    auto made =
        std::make_unique<icu::MessageFormat>(pattern, liquid::icu_locale(locale), fault, status);
    if (U_FAILURE(status)) {
        return nullptr;
    }
    if (formats.size() >= formats_max) {
        formats.clear();
    }
    return formats.emplace(locale, std::move(made)).first->second.get();
}

std::vector<LanguageTexts::Text::Piece> LanguageTexts::Text::simple_pieces(
    const icu::MessagePattern& pattern) {
    std::vector<Piece> pieces(1);
    const icu::UnicodeString& source = pattern.getPatternString();
    std::int32_t from = 0;
    const auto words_until = [&](std::int32_t to) {
        std::string words;
        source.tempSubStringBetween(from, to).toUTF8String(words);
        pieces.back().words += words;
    };
    for (std::int32_t i = 0; i < pattern.countParts(); ++i) {
        const icu::MessagePattern::Part& part = pattern.getPart(i);
        const UMessagePatternPartType type = part.getType();
        if (type == UMSGPAT_PART_TYPE_MSG_START) {
            from = part.getLimit();
        } else if (type == UMSGPAT_PART_TYPE_MSG_LIMIT) {
            words_until(part.getIndex());
        } else if (type == UMSGPAT_PART_TYPE_SKIP_SYNTAX) {
            words_until(part.getIndex());
            from = part.getLimit();
        } else if (type == UMSGPAT_PART_TYPE_ARG_START &&
                   part.getArgType() == UMSGPAT_ARG_TYPE_NONE) {
            words_until(part.getIndex());
        } else if (type == UMSGPAT_PART_TYPE_ARG_NAME) {
            pattern.getSubstring(part).toUTF8String(pieces.back().argument);
        } else if (type == UMSGPAT_PART_TYPE_ARG_LIMIT) {
            pieces.emplace_back();
            from = part.getLimit();
        } else {
            return {};
        }
    }
    return pieces;
}

std::string LanguageTexts::Text::formatted(std::string_view locale,
                                           const std::vector<liquid::TextArgument>& given,
                                           bool html) const {
    std::vector<icu::UnicodeString> names;
    std::vector<icu::Formattable> values;
    for (const liquid::TextArgument& argument : given) {
        names.push_back(icu::UnicodeString::fromUTF8(
            icu::StringPiece(argument.name.data(), static_cast<int>(argument.name.size()))));
        if (argument.value.is_number()) {
            const std::int64_t* whole = argument.value.as_int();
            values.push_back(whole != nullptr ? icu::Formattable(*whole)
                                              : icu::Formattable(argument.value.number_or(0)));
            continue;
        }
        const std::string* word = argument.value.as_string();
        values.emplace_back(
            icu::UnicodeString::fromUTF8(word != nullptr && keywords.contains(argument.name)
                                             ? *word
                                             : shown(argument.value, right_to_left, html)));
    }
    icu::UnicodeString out;
    UErrorCode status = U_ZERO_ERROR;
    const std::lock_guard lock(mutex);
    const icu::MessageFormat* format = format_in(locale);
    if (format == nullptr) {
        return {};
    }
    format->format(names.data(), values.data(), static_cast<std::int32_t>(names.size()), out,
                   status);
    std::string text;
    return U_SUCCESS(status) ? out.toUTF8String(text) : text;
}

namespace {

void report(Diagnostics& diagnostics, const Position& at, std::string message) {
    diagnostics.push_back(
        {.code = "text", .file = {}, .position = at, .message = std::move(message)});
}

}  // namespace

LanguageTexts::LanguageTexts(std::string_view yaml,
                             std::string_view file,
                             std::string locale,
                             const LanguageTexts* fallback,
                             Diagnostics& diagnostics)
    : locale_(std::move(locale)), fallback_(fallback) {
    const Language* language = find_language(locale_);
    const bool right_to_left = language != nullptr && language->right_to_left;
    const yaml::YamlNode tree = yaml::read_yaml(yaml, std::string(file), diagnostics);
    for (const yaml::YamlField& field : tree.fields) {
        if (field.value.kind != yaml::YamlNode::Kind::Scalar) {
            report(diagnostics, field.key.position, "a text is written on one line, in quotes");
            continue;
        }
        auto text = std::make_unique<Text>();
        text->right_to_left = right_to_left;
        UErrorCode status = U_ZERO_ERROR;
        UParseError fault{};
        const icu::UnicodeString source = icu::UnicodeString::fromUTF8(field.value.text);
        const icu::MessagePattern pattern(source, &fault, status);
        if (U_SUCCESS(status)) {
            for (std::int32_t i = 0; i < pattern.countParts(); ++i) {
                if (pattern.getPart(i).getType() == UMSGPAT_PART_TYPE_ARG_NAME) {
                    std::string name;
                    pattern.getSubstring(pattern.getPart(i)).toUTF8String(name);
                    text->arguments.insert(name);
                    if (pattern.getPart(i - 1).getArgType() == UMSGPAT_ARG_TYPE_SELECT) {
                        text->keywords.insert(name);
                    }
                }
            }
            text->pieces = Text::simple_pieces(pattern);
            text->pattern = source;
            if (text->pieces.empty() && text->format_in(locale_) == nullptr) {
                status = U_ILLEGAL_ARGUMENT_ERROR;
            }
        }
        if (U_FAILURE(status)) {
            report(diagnostics, field.value.position,
                   "'" + field.key.text + "' is no message of ICU: see its MessageFormat");
            continue;
        }
        texts_.emplace(field.key.text, std::move(text));
    }
}

LanguageTexts::~LanguageTexts() = default;

bool LanguageTexts::write(std::string& out,
                          std::string_view key,
                          const std::vector<liquid::TextArgument>& arguments,
                          bool html) const {
    write_in(locale_, out, key, arguments, html);
    return true;
}

void LanguageTexts::write_in(std::string_view locale,
                             std::string& out,
                             std::string_view key,
                             const std::vector<liquid::TextArgument>& arguments,
                             bool html) const {
    const auto found = texts_.find(key);
    if (found == texts_.end()) {
        if (fallback_ != nullptr) {
            fallback_->write_in(locale, out, key, arguments, html);
        } else {
            out += html ? escape_html(words_of(key)) : words_of(key);
        }
        return;
    }
    const Text& text = *found->second;
    if (text.pieces.empty()) {
        out += text.formatted(locale, arguments, html);
        return;
    }
    for (const Text::Piece& piece : text.pieces) {
        out += piece.words;
        for (const liquid::TextArgument& argument : arguments) {
            if (piece.argument.empty() || argument.name != piece.argument) {
                continue;
            }
            if (argument.value.is_number()) {
                out += liquid::format_number(number_text(argument.value), locale);
            } else {
                out += shown(argument.value, text.right_to_left, html);
            }
        }
    }
}

bool LanguageTexts::has(std::string_view key) const {
    return texts_.contains(key);
}

std::vector<std::string> LanguageTexts::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, text] : texts_) {
        keys.push_back(key);
    }
    return keys;
}

std::set<std::string> LanguageTexts::arguments_of(std::string_view key) const {
    const auto found = texts_.find(key);
    return found == texts_.end() ? std::set<std::string>() : found->second->arguments;
}

ValueList languages_value() {
    ValueList list;
    for (const Language& language : languages) {
        ValueMap map;
        map.set("code", language.code);
        map.set("name", language.name);
        list.emplace_back(std::move(map));
    }
    return list;
}

const Language* find_language(std::string_view name) {
    const std::string_view base = name.substr(0, name.find_first_of("-_"));
    for (const Language& language : languages) {
        if (equals_ignoring_case(base, language.code)) {
            return &language;
        }
    }
    return nullptr;
}

}  // namespace winback::ui
