#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "expr/parser.h"
#include "expr/tree.h"

namespace {

using namespace winback;
using namespace winback::expr;

// A value made of the bytes: any shape, with keys that trees have.
Value shaped(const std::uint8_t*& data, const std::uint8_t* end, int depth) {
    constexpr std::string_view words[] = {
        "all",      "any",       "not",   "cel",     "trait",   "field",
        "events",   "sent",      "names", "within",  "between", "where",
        "as",       "finish",    "of",    "or",      "op",      "value",
        "score",    "consent",   "then",  "comment", "ago",     "count",
        "==",       "in",        "e",     "a.b",     "sum",     "comment_after",
        "campaign", "user.x > 1"};
    if (data == end) {
        return {};
    }
    const std::uint8_t byte = *data++;
    const std::size_t count = (byte >> 3U) % 4 + 1U;
    if (depth > 12 || byte % 8 > 5) {
        return words[byte % std::size(words)];
    }
    if (byte % 8 == 5) {
        return static_cast<std::int64_t>(byte);
    }
    ValueList list;
    ValueMap map;
    for (std::size_t i = 0; i < count && data != end; ++i) {
        if (byte % 8 == 4) {
            list.push_back(shaped(data, end, depth + 1));
        } else {
            const std::string_view key = words[*data++ % std::size(words)];
            map.set(std::string(key), shaped(data, end, depth + 1));
        }
    }
    return byte % 8 == 4 ? Value(list) : Value(map);
}

std::size_t comment_count(const std::string& text) {
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    return parse(text, reporter).comments.size();
}

}  // namespace

// What parses becomes a tree that becomes the same syntax tree with as many comments; a tree of any
// shape is refused with a place or becomes a text that parses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    if (diagnostics.empty()) {
        const Value tree = to_tree(text, ast);
        const TreeText back = from_tree(tree);
        // The new text may be longer than what was written, by spaces and escapes.
        const bool too_long = !back.mistakes.empty() &&
                              back.mistakes[0].message.find("bytes; this has") != std::string::npos;
        WINBACK_CHECK(too_long || back.mistakes.empty());
        Diagnostics again;
        Reporter reporter_again(back.text, again);
        WINBACK_CHECK(too_long || equal(ast, parse(back.text, reporter_again)));
        WINBACK_CHECK(too_long || comment_count(back.text) == ast.comments.size());
    }
    const std::uint8_t* at = data;
    const TreeText made = from_tree(shaped(at, data + size, 0));
    WINBACK_CHECK(made.text.empty() || made.mistakes.empty());
    if (made.mistakes.empty()) {
        Diagnostics none;
        Reporter quiet(made.text, none);
        static_cast<void>(parse(made.text, quiet));
        WINBACK_CHECK(none.empty());
    }
    return 0;
}
