// Writes comma-separated values (RFC 4180) that are safe to open in a spreadsheet.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace winback::ingest {

// Appends one cell: quoted where it must be. A cell that a spreadsheet would run as a formula
// (it begins with = + - @ or their wide forms, a tab, a carriage return or a line feed, and is no
// plain number) gets a ' before it.
void append_csv_cell(std::string& out, std::string_view cell);

// Cells with commas between them, and a line feed.
void append_csv_row(std::string& out, const std::vector<std::string_view>& cells);

}  // namespace winback::ingest
