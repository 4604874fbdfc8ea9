// What the words in cells mean: states of orders, answers to a question, currencies. Private to
// this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winback::ingest {

std::string most_frequent(const std::vector<std::string>& cells);  // The earlier in a tie.
bool is_currency(std::string_view text);                           // "GBP"

// The states among `cells` that mean that an order did not come about, and English words for the
// same in their style, which may stand further down in the file. Empty without any state.
std::vector<std::string> dead_states(const std::vector<std::string>& cells);

// The texts that mean yes; the usual ones when none of them occurs.
std::vector<std::string> yes_words(const std::vector<std::string>& cells);

// Whether a cell that `format` reads says its offset from UTC.
bool has_offset(std::string_view cell, std::string_view format);

}  // namespace winback::ingest
