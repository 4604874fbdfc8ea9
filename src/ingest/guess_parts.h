// The steps of a guess. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/mapping.h"

namespace winback::ingest {

using Rows = std::vector<std::vector<std::string>>;

// guess_file.cc: what kind of file it is.
Encoding guess_encoding(std::string_view bytes);
std::string as_utf8(std::string_view bytes, Encoding encoding);
char guess_delimiter(std::string_view text);
// At most guess_rows_max records as wide as the first; a last record that is cut is left out.
Rows sample_rows(std::string_view text, char delimiter, bool whole);
bool has_header_line(const Rows& rows);

// What the cells of one column look like. Counts are of cells that are not empty.
struct ColumnFacts {
    std::size_t filled = 0;
    std::size_t emails = 0;
    std::size_t phones = 0;
    std::size_t integers = 0;
    std::size_t points = 0;       // Numbers with '.' as the decimal sign.
    std::size_t commas = 0;       // Numbers with ',' as the decimal sign.
    std::size_t point_alone = 0;  // Numbers that only '.' makes sense of.
    std::size_t comma_alone = 0;
    std::size_t negative = 0;
    std::size_t different = 0;  // Up to 64.
    std::string currency;       // Of the signs and codes around numbers, the first.
    std::vector<std::string> examples;
};
ColumnFacts facts_of(const Rows& rows, std::size_t column, std::size_t from);

// What the name of a column says of its money: "TRY" of "Tutar (TL)", and the name without it.
struct NamedMoney {
    std::string currency;  // Empty: nothing.
    std::string rest;
};
NamedMoney money_in_name(std::string_view name);

// guess_dates.cc
struct DateGuess {
    std::vector<std::string> formats;  // In the order in which they are tried.
    double share = 0;                  // Of the cells that they read.
    bool ambiguous = false;            // Day and month could change places in every row.
};
DateGuess guess_dates(const std::vector<std::string>& cells, bool month_first_country);

}  // namespace winback::ingest
