#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/diagnostic.h"
#include "expr/functions.h"
#include "expr/limits.h"
#include "expr/number.h"
#include "expr/parser.h"
#include "expr/printer.h"
#include "expr/tree.h"

namespace winback::expr {
namespace {

constexpr int of_or = 1;
constexpr int of_and = 2;
constexpr int of_relation = 3;
constexpr int of_sum = 4;  // What may stand beside a relation.
constexpr int of_not = 6;
constexpr int tightest = 7;

constexpr std::array<std::string_view, 13> kinds{
    "all",   "any",   "not",    "cel",  "in_segment", "in_list", "in_any",
    "trait", "field", "events", "sent", "consent",    "score"};
constexpr std::array<std::string_view, 7> relations{"==", "!=", "<", "<=", ">", ">=", "in"};

// A part of the text, with how tightly it binds and the comments that stand before it.
struct Piece {
    std::string text;
    int precedence = tightest;
    std::string before;  // Whole lines.
};

std::string in_parentheses(const Piece& piece, int lowest) {
    return piece.precedence < lowest ? "(" + piece.text + ")" : piece.text;
}

// "// a\n// b\n"
std::string comment_lines(std::string_view content) {
    std::string lines;
    while (true) {
        const std::size_t end = content.find('\n');
        const std::string_view line = content.substr(0, end);
        lines += line.empty() ? "//\n" : "// " + std::string(line) + "\n";
        if (end == std::string_view::npos) {
            return lines;
        }
        content.remove_prefix(end + 1);
    }
}

bool holds_comment(const Value& value) {
    if (const ValueList* list = value.as_list()) {
        return std::any_of(list->begin(), list->end(), holds_comment);
    }
    const ValueMap* map = value.as_map();
    return map != nullptr && std::any_of(map->begin(), map->end(), [](const Field& field) {
               return field.first == "comment" || field.first == "comment_after" ||
                      holds_comment(field.second);
           });
}

// Recursion is bounded by depth_max.
class TreeReader {
public:
    explicit TreeReader(bool lines) : lines_(lines) {}

    TreeText run(const Value& tree) {
        const Piece piece = condition(tree, "");
        TreeText result;
        if (mistakes_.empty()) {
            result.text = piece.before + piece.text;
            result.text.resize(result.text.find_last_not_of('\n') + 1);
            parsed(result.text, "");
        }
        if (!mistakes_.empty()) {
            result.text.clear();
        }
        result.mistakes = std::move(mistakes_);
        return result;
    }

private:
    Piece wrong(const std::string& pointer, std::string message) {
        if (mistakes_.size() < diagnostics_max) {
            mistakes_.push_back({pointer, std::move(message)});
        }
        return {};
    }

    std::optional<Ast> parsed(const std::string& text, const std::string& pointer) {
        Diagnostics diagnostics;
        Reporter reporter(text, diagnostics);
        Ast ast = parse(text, reporter);
        for (const Diagnostic& diagnostic : diagnostics) {
            wrong(pointer, std::to_string(diagnostic.position.line) + ":" +
                               std::to_string(diagnostic.position.column) + ": " +
                               diagnostic.message);
        }
        return diagnostics.empty() ? std::optional(std::move(ast)) : std::nullopt;
    }

    const std::string* text_of_key(const ValueMap& map,
                                   const std::string& key,
                                   const std::string& pointer) {
        const Value* value = map.find(key);
        if (value == nullptr) {
            return nullptr;
        }
        if (value->as_string() == nullptr) {
            wrong(pointer + "/" + key, "'" + key + "' is a text");
        }
        return value->as_string();
    }

    // Reports keys that are none of those allowed.
    void only(const ValueMap& map,
              const std::string& pointer,
              std::initializer_list<std::string_view> allowed) {
        for (const Field& field : map) {
            if (std::find(allowed.begin(), allowed.end(), field.first) == allowed.end()) {
                const std::vector<std::string> names(allowed.begin(), allowed.end());
                const std::string_view near = nearest(field.first, names);
                wrong(pointer_to(pointer, field.first),
                      "the key '" + field.first.substr(0, 60) + "' has no meaning here" +
                          (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
            }
        }
    }

    static std::string pointer_to(const std::string& pointer, std::string_view key) {
        std::string result = pointer + "/";
        for (const char c : key.substr(0, 60)) {
            result += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return result;
    }

    Piece condition(const Value& value, const std::string& pointer) {
        const ValueMap* map = value.as_map();
        if (map == nullptr) {
            return wrong(pointer,
                         "a condition is an object, such as {\"trait\": \"plan\", "
                         "\"op\": \"==\", \"value\": \"gold\"}");
        }
        std::string_view kind;
        for (const std::string_view name : kinds) {
            if (map->find(name) != nullptr) {
                if (!kind.empty()) {
                    return wrong(pointer, "'" + std::string(kind) + "' and '" + std::string(name) +
                                              "' cannot stand in one object; put each in a part of "
                                              "an \"all\"");
                }
                kind = name;
            }
        }
        if (kind.empty()) {
            only(*map, pointer,
                 {"all", "any", "not", "cel", "trait", "events", "sent", "consent", "score",
                  "in_segment", "in_list", "in_any", "field", "op", "value", "comment",
                  "comment_after"});
            return wrong(pointer, "a condition needs a kind, such as \"trait\" or \"all\"");
        }
        if (depth_ >= depth_max) {
            return wrong(pointer, "this is nested more than " + std::to_string(depth_max) +
                                      " levels deep; split it into segments");
        }
        ++depth_;
        Piece piece = of_kind(*map, std::string(kind), pointer);
        --depth_;
        return commented(*map, std::move(piece), pointer);
    }

    Piece commented(const ValueMap& map, Piece piece, const std::string& pointer) {
        std::string before;
        if (const std::string* comment = text_of_key(map, "comment", pointer)) {
            before = comment_lines(*comment);
        }
        piece.before = before + std::exchange(found_comments_, "") + piece.before;
        if (const std::string* comment = text_of_key(map, "comment_after", pointer)) {
            piece.text += " " + comment_lines(*comment);
        }
        return piece;
    }

    Piece of_kind(const ValueMap& map, const std::string& kind, const std::string& pointer) {
        const Value& held = *map.find(kind);
        const std::string inside = pointer + "/" + kind;
        const bool asked = kind == "trait" || kind == "field" || kind == "events" ||
                           kind == "sent" || kind == "consent" || kind == "score";
        if (asked) {
            only(map, pointer, {kind, "op", "value", "comment", "comment_after"});
            return compared(map, subject(kind, held, inside), pointer);
        }
        only(map, pointer, {kind, "comment", "comment_after"});
        if (kind == "all" || kind == "any") {
            return joined(held, kind == "all", inside);
        }
        if (kind == "not") {
            Piece piece = condition(held, inside);
            piece.text = "!" + in_parentheses(piece, of_not);
            piece.precedence = of_not;
            return piece;
        }
        if (kind == "cel") {
            return free_text(held, inside);
        }
        if (kind == "in_any") {
            return {"in_any(" + texts(held, true, inside) + ")"};
        }
        return {kind + "(" + text(held, inside) + ")"};
    }

    Piece joined(const Value& held, bool all, const std::string& pointer) {
        const ValueList* list = held.as_list();
        if (list == nullptr || list->empty()) {
            return wrong(pointer, "this is a list of one condition or more");
        }
        Piece result = condition((*list)[0], pointer + "/0");
        if (list->size() == 1) {
            return result;
        }
        const int own = all ? of_and : of_or;
        result.text = in_parentheses(result, own + 1);
        for (std::size_t i = 1; i < list->size(); ++i) {
            const Piece item = condition((*list)[i], pointer + "/" + std::to_string(i));
            if (!result.text.ends_with('\n')) {
                result.text += lines_ || !item.before.empty() ? "\n" : " ";
            }
            result.text += item.before + (all ? "&& " : "|| ") + in_parentheses(item, own + 1);
        }
        result.precedence = own;
        return result;
    }

    Piece free_text(const Value& held, const std::string& pointer) {
        if (held.as_string() == nullptr) {
            return wrong(pointer, "'cel' is the text of a condition");
        }
        const std::string& source = *held.as_string();
        const std::optional<Ast> ast = parsed(source, pointer);
        if (!ast) {
            return {};
        }
        for (const Comment& comment : ast->comments) {
            found_comments_ +=
                source.substr(comment.span.begin, comment.span.end - comment.span.begin) + "\n";
        }
        return {print(*ast), precedence_of(ast->nodes[ast->root])};
    }

    Piece compared(const ValueMap& map, Piece subject, const std::string& pointer) {
        const std::string* op = text_of_key(map, "op", pointer);
        const Value* value = map.find("value");
        if (map.find("op") == nullptr && value == nullptr) {
            return subject;
        }
        if (op == nullptr ||
            std::find(relations.begin(), relations.end(), *op) == relations.end()) {
            return wrong(pointer + (map.find("op") == nullptr ? "" : "/op"),
                         "a \"value\" needs an \"op\", one of == != < <= > >= in");
        }
        if (value == nullptr) {
            return wrong(pointer, "an \"op\" needs a \"value\"");
        }
        const Piece right = operand(*value, pointer + "/value");
        return {subject.text + " " + *op + " " + in_parentheses(right, of_sum), of_relation,
                subject.before};
    }

    std::string text(const Value& value, const std::string& pointer) {
        if (value.as_string() == nullptr) {
            wrong(pointer, "this is a text");
            return "";
        }
        return quoted(*value.as_string(), false);
    }

    // A list of texts; a single one stands without brackets unless `listed`.
    std::string texts(const Value& value, bool listed, const std::string& pointer) {
        const ValueList* list = value.as_list();
        if (list == nullptr || list->empty()) {
            wrong(pointer, "this is a list of one text or more");
            return "";
        }
        std::string joined_texts;
        for (std::size_t i = 0; i < list->size(); ++i) {
            joined_texts +=
                (i > 0 ? ", " : "") + text((*list)[i], pointer + "/" + std::to_string(i));
        }
        return list->size() > 1 || listed ? "[" + joined_texts + "]" : joined_texts;
    }

    Piece subject(const std::string& kind, const Value& held, const std::string& pointer) {
        if (kind == "events" || kind == "sent") {
            return events(held, kind == "sent", pointer);
        }
        if (kind == "consent" || kind == "score") {
            return {kind + "(" + text(held, pointer) + ")"};
        }
        return path(kind, held, pointer);
    }

    // user.a.b; what is no plain name stands in brackets.
    Piece path(const std::string& kind, const Value& held, const std::string& pointer) {
        if (held.as_string() == nullptr || held.as_string()->empty()) {
            return wrong(pointer, "this is the name of a " + kind);
        }
        if (kind == "field" && event_.empty()) {
            return wrong(pointer, "a \"field\" stands inside a \"where\"; a customer has traits");
        }
        const std::string& name = *held.as_string();
        std::string path = kind == "trait" ? "user" : event_;
        const std::string root = path;
        for (std::size_t begin = 0; begin <= name.size();) {
            const std::size_t end = std::min(name.find('.', begin), name.size());
            const std::string part = name.substr(begin, end - begin);
            if (!is_selector(part)) {
                return {root + "[" + quoted(name, false) + "]"};
            }
            path += "." + part;
            begin = end + 1;
        }
        return {path};
    }

    Piece events(const Value& held, bool sent, const std::string& pointer) {
        const ValueMap* map = held.as_map();
        if (map == nullptr) {
            return wrong(pointer,
                         "this is an object, such as {\"names\": [\"Order Completed\"], "
                         "\"finish\": \"count\"}");
        }
        const char* const source = sent ? "campaign" : "names";
        only(*map, pointer,
             {source, "within", "between", "since", "before", "where", "as", "then", "finish", "of",
              "or"});
        const Value* from = map->find(source);
        if (from == nullptr) {
            return wrong(pointer, "'" + std::string(source) + "' is missing");
        }
        const std::string inside = pointer + "/" + source;
        Piece piece{sent ? "sent(" + text(*from, inside) + ")"
                         : "ev(" + texts(*from, false, inside) + ")"};
        for (const Field& field : *map) {
            narrow(*map, field, pointer, piece);
        }
        finish(*map, pointer, piece);
        return piece;
    }

    void narrow(const ValueMap& map, const Field& field, const std::string& pointer, Piece& piece) {
        const std::string& key = field.first;
        const Value& value = field.second;
        const std::string inside = pointer + "/" + key;
        const auto add = [&](const std::string& arguments) {
            piece.text += "." + key + "(" + arguments + ")";
        };
        if (key == "within") {
            add(text(value, inside));
        } else if (key == "since" || key == "before") {
            add(operand(value, inside).text);
        } else if (key == "between") {
            const ValueList* bounds = value.as_list();
            if (bounds == nullptr || bounds->size() != 2) {
                wrong(inside, "'between' is a list of two times");
                return;
            }
            add(operand((*bounds)[0], inside + "/0").text + ", " +
                operand((*bounds)[1], inside + "/1").text);
        } else if (key == "then") {
            const ValueMap* then = value.as_map();
            if (then == nullptr || then->find("names") == nullptr ||
                then->find("within") == nullptr) {
                wrong(inside, "'then' is an object of \"names\" and \"within\"");
                return;
            }
            only(*then, inside, {"names", "within"});
            add(texts(*then->find("names"), false, inside + "/names") + ", " +
                text(*then->find("within"), inside + "/within"));
        } else if (key == "where") {
            where(map, value, pointer, piece);
        }
    }

    void where(const ValueMap& map, const Value& value, const std::string& pointer, Piece& piece) {
        const std::string* name = text_of_key(map, "as", pointer);
        if (!event_.empty()) {
            wrong(pointer + "/where", "a \"where\" cannot stand in another");
            return;
        }
        event_ = name == nullptr ? "e" : *name;
        if (!is_selector(event_) || event_ == "user") {
            wrong(pointer + "/as", "this is a name for the event, such as \"e\"");
            event_ = "e";
        }
        const Piece predicate = condition(value, pointer + "/where");
        piece.text += ".where(" + event_ + ", " + predicate.text + ")";
        piece.before += predicate.before;
        event_.clear();
    }

    void finish(const ValueMap& map, const std::string& pointer, Piece& piece) {
        const std::string* name = text_of_key(map, "finish", pointer);
        const FunctionInfo* info = name == nullptr ? nullptr : find_method(*name);
        if (info == nullptr || info->group != FunctionGroup::Finish) {
            wrong(pointer + (name == nullptr ? "" : "/finish"),
                  "events need a \"finish\", such as \"any\", \"count\" or \"last_time\"");
            return;
        }
        const bool takes_time = info->function == Function::LastTimeOr;
        const Value* of = map.find("of");
        const Value* other = map.find("or");
        const bool fits = (of != nullptr) == (info->arguments == 1 && !takes_time) &&
                          (other != nullptr) == takes_time;
        if (!fits) {
            wrong(pointer, "'" + *name + "' takes " +
                               (takes_time             ? "a time as \"or\""
                                : info->arguments == 1 ? "a property as \"of\""
                                                       : "no \"of\" and no \"or\""));
            return;
        }
        const std::string argument = of != nullptr      ? text(*of, pointer + "/of")
                                     : other != nullptr ? operand(*other, pointer + "/or").text
                                                        : "";
        piece.text += "." + *name + "(" + argument + ")";
    }

    Piece operand(const Value& value, const std::string& pointer) {
        switch (value.type()) {
            case ValueType::Null:
                return {"null"};
            case ValueType::Bool:
                return {*value.as_bool() ? "true" : "false"};
            case ValueType::Int:
                return {std::to_string(*value.as_int())};
            case ValueType::Double:
                return {double_text(*value.as_double())};
            case ValueType::String:
                return {quoted(*value.as_string(), false)};
            case ValueType::List:
                return list(*value.as_list(), pointer);
            case ValueType::Map:
                return computed(*value.as_map(), pointer);
            default:
                return wrong(pointer, "this is no JSON");
        }
    }

    Piece list(const ValueList& items, const std::string& pointer) {
        std::string joined_items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].as_list() != nullptr || items[i].as_map() != nullptr) {
                wrong(pointer + "/" + std::to_string(i),
                      "an item of a list is a text, a number, true, false or null; write others as "
                      "{\"cel\": \"[..]\"}");
                return {};
            }
            joined_items +=
                (i > 0 ? ", " : "") + operand(items[i], pointer + "/" + std::to_string(i)).text;
        }
        return {"[" + joined_items + "]"};
    }

    Piece computed(const ValueMap& map, const std::string& pointer) {
        if (map.size() != 1) {
            return wrong(pointer,
                         "a value is plain JSON or an object of one of cel, trait, field, "
                         "ago, dur, timestamp");
        }
        const auto& [key, held] = *map.begin();
        const std::string inside = pointer_to(pointer, key);
        if (key == "cel") {
            return free_text(held, inside);
        }
        if (key == "trait" || key == "field") {
            return path(key, held, inside);
        }
        if (key == "ago" || key == "dur" || key == "timestamp") {
            return {key + "(" + text(held, inside) + ")"};
        }
        only(map, pointer, {"cel", "trait", "field", "ago", "dur", "timestamp"});
        return {};
    }

    bool lines_;  // Each part of a group in its own.
    std::vector<TreeMistake> mistakes_;
    std::string found_comments_;  // Inside texts of the condition at hand.
    std::string event_;           // The variable of the where(..) at hand.
    int depth_ = 0;
};

}  // namespace

TreeText from_tree(const Value& tree) {
    return TreeReader(holds_comment(tree)).run(tree);
}

}  // namespace winback::expr
