// The shapes that the reference finds in a markup by regular expressions, read by hand in linear
// time. Used by the modes strict and lax, and by `assign` in all.
//
// Source: the constants of Shopify/liquid 5.13, liquid.rb (QuotedFragment, TagAttributes,
// VariableParser, VariableSignature). All results are views of the markup.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace winback::liquid {

constexpr std::size_t no_fragment = std::string_view::npos;

// A quoted text, or a run of quoted texts and of characters that are no space, comma, bar or
// quote. Returns where the fragment that begins at `at` ends; no_fragment when none does.
std::size_t fragment_end(std::string_view text, std::size_t at);
// As many fragments as follow one another directly.
std::size_t fragments_end(std::string_view text, std::size_t at);
// Where the first fragment at or after `at` begins; no_fragment when there is none.
std::size_t find_fragment(std::string_view text, std::size_t at);
std::string_view first_fragment(std::string_view text);

// `key: value` anywhere in a markup.
struct Attribute {
    std::string_view key;
    std::string_view value;
};
std::vector<Attribute> attributes_in(std::string_view text);

// Parts of a path: "a.b[c]" gives a, b, [c]; what fits nowhere is passed over.
std::vector<std::string_view> path_parts(std::string_view text);

// The first name that something could be assigned to, in whatever it stands.
std::string_view first_signature(std::string_view text);
// "name = value" anywhere in a markup. False when there is none.
bool split_assignment(std::string_view text, std::string_view& name, std::string_view& value);

// Letters, digits, '_' and '-'.
bool is_segment_character(char c);

}  // namespace winback::liquid
