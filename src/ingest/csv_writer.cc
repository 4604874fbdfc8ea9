#include "ingest/csv_writer.h"

#include <algorithm>
#include <array>

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

// What spreadsheets take for the beginning of a formula: also in the wide forms of East Asia.
bool is_formula(std::string_view cell) {
    constexpr std::string_view narrow = "=+-@\t\r\n";
    constexpr std::array<std::string_view, 4> wide{"\uff1d", "\uff0b", "\uff0d", "\uff20"};
    return (!cell.empty() && narrow.find(cell[0]) != std::string_view::npos &&
            !is_plain_number(cell)) ||
           std::any_of(wide.begin(), wide.end(),
                       [&](std::string_view sign) { return cell.starts_with(sign); });
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
