// Reads what other languages write where conditions have something else, reports it with what to
// write, and makes the nodes of what was meant (slips.h). Internal to parser.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expr/slips.h"
#include "expr/token_reader.h"

namespace winback::expr {

class SlipReader : protected TokenReader {
protected:
    using TokenReader::TokenReader;

    // Words that stand for an operator, none of them taken yet.
    std::optional<WordedOperator> worded_operator() const;
    // Of `name contains "x"` as if name.contains("x") stood there. `operands` are as many as it
    // has.
    NodeId meant(const WordedOperator& words, Span phrase, const std::vector<NodeId>& operands);

    // Takes a number; `1,000` and `0,5` as a whole where a comma has no other meaning.
    Token number_token(bool comma_has_meaning);

    // `50%`, with nothing behind it that could be divided by.
    bool is_percent(NodeId left) const;
    NodeId percent(NodeId left);

private:
    bool is_whole(NodeId id) const;
    // Empty where a mistake stands in it, or where it is too long to be shown.
    std::string written(NodeId id) const;
    NodeId between(Span phrase, const std::vector<NodeId>& operands, std::string& text);
    NodeId simple(WordedOperator::Meant meant, Span phrase, NodeId left, NodeId right);
};

}  // namespace winback::expr
