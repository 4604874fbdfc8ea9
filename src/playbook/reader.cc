#include "playbook/reader.h"

#include <algorithm>
#include <charconv>

#include "playbook/playbook.h"

namespace winback::playbook {

bool is_valid_id(std::string_view id) {
    return !id.empty() && id.size() <= id_bytes_max &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

bool Reader::has_mistakes(std::string_view path_begin) const {
    return std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& d) {
        return !d.is_warning && d.file.starts_with(path_begin);
    });
}

void Reader::report(const YamlNode& at, std::string code, std::string message) {
    diagnostics_.push_back({.code = std::move(code),
                            .file = file_,
                            .position = at.position,
                            .length = at.length,
                            .message = std::move(message)});
}

void Reader::warn(const YamlNode& at, std::string code, std::string message) {
    report(at, std::move(code), std::move(message));
    diagnostics_.back().is_warning = true;
}

bool Reader::is_map(const YamlNode& node,
                    std::string_view what,
                    std::initializer_list<std::string_view> keys) {
    if (node.kind != YamlNode::Kind::Map) {
        report(node, "wrong_type", std::string(what) + " must be a map of keys and values");
        return false;
    }
    const std::vector<std::string> known(keys.begin(), keys.end());
    for (const auto& [key, value] : node.fields) {
        if (std::find(known.begin(), known.end(), key.text) == known.end()) {
            const std::string_view near = nearest(key.text, known);
            report(key, "unknown_key",
                   std::string(what) + " has no key '" + key.text + "'" +
                       (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
        }
    }
    return true;
}

const YamlNode* Reader::required(const YamlNode& map, std::string_view key, std::string_view what) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        report(map, "missing_key", std::string(what) + " needs the key '" + std::string(key) + "'");
    }
    return node;
}

std::string Reader::text(const YamlNode& map, std::string_view key, std::string otherwise) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        return otherwise;
    }
    if (node->kind != YamlNode::Kind::Scalar) {
        report(*node, "wrong_type", "'" + std::string(key) + "' must be text");
        return otherwise;
    }
    return node->text;
}

std::string Reader::required_text(const YamlNode& map,
                                  std::string_view key,
                                  std::string_view what) {
    const YamlNode* node = required(map, key, what);
    if (node != nullptr && node->kind == YamlNode::Kind::Scalar && node->text.empty()) {
        report(*node, "empty_value", "'" + std::string(key) + "' must not be empty");
    }
    return node == nullptr ? "" : text(map, key);
}

std::string Reader::words(const YamlNode& map, std::string_view key, std::string_view language) {
    const YamlNode* node = map.find(key);
    if (node == nullptr || node->kind != YamlNode::Kind::Map) {
        return text(map, key);
    }
    const YamlNode* best = nullptr;
    const auto rank_of = [&](std::string_view name) {
        return name == language ? 2 : name == language.substr(0, language.find('-')) ? 1 : 0;
    };
    int rank = -1;
    for (const yaml::YamlField& field : node->fields) {
        const YamlNode& value = field.value;
        if (value.kind != YamlNode::Kind::Scalar || value.text.empty()) {
            report(
                field.key, "wrong_type",
                "'" + std::string(key) + "' has a text for each language, such as {en: Lapsing}");
        } else if (rank_of(field.key.text) > rank) {
            rank = rank_of(field.key.text);
            best = &value;
        }
    }
    if (node->fields.empty()) {
        report(*node, "empty_value", "'" + std::string(key) + "' must not be empty");
    }
    return best == nullptr ? "" : best->text;
}

Words Reader::all_words(const YamlNode& map, std::string_view key) {
    Words words;
    if (const YamlNode* node = map.find(key); node && node->kind == YamlNode::Kind::Map) {
        for (const yaml::YamlField& field : node->fields) {
            if (field.value.kind == YamlNode::Kind::Scalar && !field.value.text.empty()) {
                words.emplace(field.key.text, field.value.text);
            }
        }
    }
    return words;
}

std::string Reader::required_words(const YamlNode& map,
                                   std::string_view key,
                                   std::string_view what,
                                   std::string_view language) {
    const YamlNode* node = map.find(key);
    return node != nullptr && node->kind == YamlNode::Kind::Map ? words(map, key, language)
                                                                : required_text(map, key, what);
}

double Reader::number(
    const YamlNode& map, std::string_view key, double low, double high, double otherwise) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        return otherwise;
    }
    double value = 0;
    const char* end = node->text.data() + node->text.size();
    const auto read = std::from_chars(node->text.data(), end, value);
    const bool is_number =
        node->kind == YamlNode::Kind::Scalar && read.ec == std::errc{} && read.ptr == end;
    if (!is_number || !(value >= low && value <= high)) {
        std::string range = std::to_string(low) + " to " + std::to_string(high);
        report(*node, "bad_number", "'" + std::string(key) + "' must be a number from " + range);
        return otherwise;
    }
    return value;
}

bool Reader::flag(const YamlNode& map, std::string_view key, bool otherwise) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        return otherwise;
    }
    if (node->text != "true" && node->text != "false") {
        report(*node, "bad_flag", "'" + std::string(key) + "' must be true or false");
        return otherwise;
    }
    return node->text == "true";
}

std::optional<CalendarStep> Reader::step_of(const YamlNode& node) {
    auto step = parse_calendar_step(node.text);
    if (node.kind != YamlNode::Kind::Scalar || !step.has_value()) {
        report(node, "bad_duration",
               step.has_value() ? "a span of time is text such as 90d" : step.error().message);
        return std::nullopt;
    }
    return *step;
}

std::optional<CalendarStep> Reader::step(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    return node == nullptr ? std::nullopt : step_of(*node);
}

std::optional<customer::Channel> Reader::channel(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto channel = customer::parse_channel(node->text);
    if (!channel.has_value()) {
        report(*node, "unknown_channel",
               "'" + node->text + "' is not a channel; use email, sms, push or in_app");
    }
    return channel;
}

namespace {

// Not the whole grammar of RFC 5321, which the sender keeps to: what a writer gets wrong, and
// every character that has a meaning in a header.
bool is_mail_address(std::string_view text) {
    constexpr std::size_t bytes_max = 254;
    const std::size_t at = text.find('@');
    const std::string_view domain = at == std::string_view::npos ? "" : text.substr(at + 1);
    return at != 0 && text.size() <= bytes_max && !domain.empty() && !domain.starts_with('.') &&
           !domain.ends_with('.') &&
           std::none_of(text.begin(), text.end(),
                        [](char c) {
                            return static_cast<unsigned char>(c) <= 0x20 || c == '\x7f' ||
                                   std::string_view("<>()[],;:\\\"{}").find(c) !=
                                       std::string_view::npos;
                        }) &&
           domain.find('@') == std::string_view::npos;
}

}  // namespace

std::string Reader::mail_address(const YamlNode& map, std::string_view key) {
    std::string address = text(map, key);
    if (const YamlNode* node = map.find(key);
        node != nullptr && node->kind == YamlNode::Kind::Scalar && !is_mail_address(address)) {
        report(*node, "bad_address",
               "'" + std::string(key) + "' must be an e-mail address such as hello@shop.example");
    }
    return address;
}

bool Reader::is_id(const YamlNode& at, std::string_view id) {
    if (!is_valid_id(id)) {
        report(at, "bad_id",
               "'" + std::string(id.substr(0, 80)) +
                   "' is not an id; use lower-case letters, digits, _ and -, at most 64");
        return false;
    }
    return true;
}

std::optional<expr::Condition> Reader::condition(const YamlNode& node,
                                                 const expr::Schema& schema,
                                                 expr::Symbols& symbols) {
    if (node.kind != YamlNode::Kind::Scalar) {
        report(node, "wrong_type", "a condition is text");
        return std::nullopt;
    }
    expr::Compiled compiled = expr::compile(node.text, schema, symbols);
    for (Diagnostic& d : compiled.diagnostics) {
        d.file = file_;
        d.position = yaml::place_in(node, source_, d.position);
        diagnostics_.push_back(std::move(d));
    }
    return std::move(compiled.condition);
}

}  // namespace winback::playbook
