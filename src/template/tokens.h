// Cuts a template into text, `{{ output }}` and `{% tag %}`, and a `{% liquid %}` tag into lines.
//
// The cuts are those of the reference's tokenizer (Shopify/liquid 5.13, tokenizer.rb), which looks
// for the next end mark without regard to quotes: {{ "}}" }} ends at the first braces.
#pragma once

#include <cstdint>
#include <string_view>

namespace winback::liquid {

struct Token {
    enum class Kind : std::uint8_t {
        Text,
        Output,
        Tag,
        Line,  // Of a liquid tag.
    };
    Kind kind = Kind::Text;
    std::string_view text = {};  // The whole token, braces and dashes included.
};

// A tag's parts. `name` is empty when the token is no proper tag.
struct TagParts {
    std::string_view name = {};    // "#" or a word.
    std::string_view markup = {};  // Behind the name, leading white space gone.
    std::string_view place = {};   // Where the reference counts the line: at the markup or name.
    bool trims_left = false;
    bool trims_right = false;
};
TagParts read_tag(std::string_view token);
TagParts read_line(std::string_view line);

// What is between the braces of an output, without dashes. Pre: the token ends with "}}".
std::string_view read_output(std::string_view token);

// The tag's name when the token ends with a tag, whatever stands before it ("{{ {% endraw %}");
// `before` is that. Empty otherwise.
std::string_view closing_name(std::string_view token, std::string_view& before);

class Tokenizer {
public:
    // Views of `source`, which must outlive the tokenizer.
    explicit Tokenizer(std::string_view source, bool lines = false)
        : source_(source), lines_(lines) {}

    bool next(Token& token);  // False at the end.
    bool of_lines() const { return lines_; }

private:
    std::size_t end_of_text(std::size_t from) const;
    std::size_t end_of_output(std::size_t from);
    std::size_t end_of_tag(std::size_t start);

    std::string_view source_;
    bool lines_;
    std::size_t at_ = 0;
    bool no_more_tag_ends_ = false;     // Looking for "%}" again would find nothing.
    bool no_more_output_ends_ = false;  // Nor for the end of an output.
};

}  // namespace winback::liquid
