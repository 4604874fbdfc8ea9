// A forgiving scanner of HTML, for what we do to rendered bodies: cleaning links and making plain
// text. It cuts text into pieces where a browser would cut (the tokenizer of HTML5, scripts on);
// it builds no tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winback::message {

struct Attribute {
    std::string_view name;   // As written.
    std::string_view value;  // Without quotes, entities not decoded.
    std::size_t begin = 0;   // Of the whole attribute, offset inside the tag.
    std::size_t end = 0;
    std::size_t value_begin = 0;  // Of the value, quotes left out.
};

struct HtmlPiece {
    enum class Kind { Text, Open, Close, Other };  // Other: comments, doctypes, tags without end.
    Kind kind = Kind::Text;
    std::string_view source;  // The whole piece.
    std::string name;         // Of a tag, lower case.
    std::vector<Attribute> attributes;

    // The value of an attribute, entities decoded; empty when it is not there.
    std::string attribute(std::string_view name) const;
};

class HtmlScanner {
public:
    explicit HtmlScanner(std::string_view html) : html_(html) {}

    // False at the end.
    bool next(HtmlPiece& piece);
    // Passes over everything up to and including the close tag of `name`; to the end without one.
    void skip_element(std::string_view name);
    std::size_t position() const { return position_; }  // Of what next() reads next.

private:
    void read_piece(HtmlPiece& piece);
    std::size_t comment_end(std::size_t at) const;
    std::size_t close_of(std::string_view name, std::size_t at) const;
    std::size_t read_attributes(HtmlPiece& piece, std::size_t at) const;

    std::string_view html_;
    std::size_t position_ = 0;
    std::string raw_;  // The open element whose content is text: script, style, textarea, ...
};

// Decodes numeric entities and the named ones that mails use; others stay as they are.
std::string decode_entities(std::string_view text);

}  // namespace winback::message
