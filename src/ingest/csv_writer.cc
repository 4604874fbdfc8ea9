#include "ingest/csv_writer.h"

#include <algorithm>

namespace winback::ingest {
namespace {

bool is_plain_number(std::string_view cell) {
    if (cell.starts_with('-') || cell.starts_with('+')) {
        cell.remove_prefix(1);
    }
    const bool digits_and_points = std::all_of(
        cell.begin(), cell.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return !cell.empty() && digits_and_points && std::count(cell.begin(), cell.end(), '.') <= 1;
}

bool is_formula(std::string_view cell) {
    return !cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos &&
           !is_plain_number(cell);
}

}  // namespace

void append_csv_cell(std::string& out, std::string_view cell) {
    const bool formula = is_formula(cell);
    const bool quoted = cell.find_first_of(",\"\r\n;\t") != std::string_view::npos ||
                        cell.starts_with(' ') || cell.ends_with(' ');
    if (!quoted) {
        out += formula ? "'" : "";
        out += cell;
        return;
    }
    out += '"';
    out += formula ? "'" : "";
    for (const char c : cell) {
        out += c;
        if (c == '"') {
            out += '"';
        }
    }
    out += '"';
}

void append_csv_row(std::string& out, const std::vector<std::string_view>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_csv_cell(out, cells[i]);
    }
    out += '\n';
}

}  // namespace winback::ingest
