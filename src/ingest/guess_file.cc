#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/strings.h"
#include "ingest/amount.h"
#include "ingest/column_names.h"
#include "ingest/csv.h"
#include "ingest/encoding.h"
#include "ingest/guess.h"
#include "ingest/guess_parts.h"

namespace winback::ingest {
namespace {

ReadBytes reader_of(std::string_view text) {
    return
        [text, at = std::size_t{0}](char* buffer, std::size_t size) mutable -> Result<std::size_t> {
            const std::size_t given = std::min(size, text.size() - at);
            std::copy_n(text.data() + at, given, buffer);
            at += given;
            return given;
        };
}

bool is_high(char c) {
    return (c & 0x80) != 0;
}

// Of every other byte: Latin text in UTF-16 has zeros there.
bool looks_like_utf16(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        return true;
    }
    const std::string_view head = bytes.substr(0, 400);
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < head.size(); ++i) {
        zeros.at(i % 2) += head[i] == '\0' ? 1U : 0U;
    }
    const std::size_t half = head.size() / 2;
    return half > 4 && std::max(zeros[0], zeros[1]) > half / 2 &&
           std::min(zeros[0], zeros[1]) < half / 8;
}

// A character that is cut at the end does not make a text another encoding.
std::string_view without_cut_character(std::string_view bytes) {
    for (std::size_t cut = 0; cut < 4 && cut < bytes.size(); ++cut) {
        const std::string_view shorter = bytes.substr(0, bytes.size() - cut);
        if (is_valid_utf8(shorter)) {
            return shorter;
        }
    }
    return bytes;
}

bool is_email(std::string_view cell) {
    const std::size_t at = cell.find('@');
    return at != std::string_view::npos && at > 0 && cell.find('@', at + 1) == std::string::npos &&
           cell.find('.', at) != std::string::npos && cell.find(' ') == std::string::npos &&
           cell.size() <= 254 && cell.back() != '.';
}

bool is_phone(std::string_view cell) {
    std::size_t digits = 0;
    for (const char c : cell) {
        if (c >= '0' && c <= '9') {
            ++digits;
        } else if (std::string_view("+ -()./'").find(c) == std::string_view::npos) {
            return false;
        }
    }
    const bool dialled = cell.starts_with("00") && digits >= 11;
    return (cell.starts_with('+') || dialled) && digits >= 8 && digits <= 15;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> currency_signs{
    {{"€", "EUR"},
     {"£", "GBP"},
     {"₺", "TRY"},
     {"TL", "TRY"},
     {"﷼", "IRR"},
     {"ریال", "IRR"},
     {"ر.س", "SAR"},
     {"د.إ", "AED"},
     {"ج.م", "EGP"},
     {"₹", "INR"},
     {"¥", "JPY"},
     {"zł", "PLN"},
     {"US$", "USD"},
     {"$", "USD"}}};

// "€", "GBP", "TL": what stands around a number.
std::string currency_of(std::string_view cell) {
    for (const auto& [sign, code] : currency_signs) {
        if (cell.starts_with(sign) || cell.ends_with(sign)) {
            return std::string(code);
        }
    }
    for (const Place& place : places()) {
        if (cell.starts_with(place.currency) || cell.ends_with(place.currency)) {
            return std::string(place.currency);
        }
    }
    return {};
}

void count_number(std::string_view cell, ColumnFacts& facts) {
    const auto with_point = parse_amount(cell, false);
    const auto with_comma = parse_amount(cell, true);
    facts.points += with_point ? 1U : 0U;
    facts.commas += with_comma ? 1U : 0U;
    facts.point_alone += with_point && !with_comma ? 1U : 0U;
    facts.comma_alone += with_comma && !with_point ? 1U : 0U;
    const auto number = with_point ? with_point : with_comma;
    facts.negative += number && number->value < 0 ? 1U : 0U;
    if (number && facts.currency.empty()) {
        facts.currency = currency_of(cell);
    }
}

}  // namespace

NamedMoney money_in_name(std::string_view name) {
    constexpr std::string_view between = " ([_-/:";
    std::string_view text = name;
    while (!text.empty() && std::string_view(" )]").find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    const std::size_t end = text.find_last_of(between);
    const std::string_view word = end == std::string_view::npos ? "" : text.substr(end + 1);
    std::string currency;
    for (const auto& [sign, code] : currency_signs) {
        currency = word == sign ? code : currency;
    }
    for (const Place& place : places()) {
        currency = word == place.currency ? place.currency : currency;
    }
    if (currency.empty()) {
        return {.currency = {}, .rest = std::string(name)};
    }
    std::string_view rest = text.substr(0, end);
    while (!rest.empty() && between.find(rest.back()) != std::string_view::npos) {
        rest.remove_suffix(1);
    }
    return {.currency = std::move(currency), .rest = std::string(rest)};
}

Encoding guess_encoding(std::string_view bytes) {
    if (looks_like_utf16(bytes)) {
        return Encoding::Utf16;
    }
    if (is_valid_utf8(without_cut_character(bytes))) {
        return Encoding::Utf8;
    }
    // Arabic words have high bytes side by side; Latin words have them alone. The letters that
    // Turkish has in place of Icelandic ones are not to be met in Western files.
    constexpr std::string_view turkish = "\xD0\xDD\xDE\xF0\xFD\xFE";
    std::size_t high = 0;
    std::size_t beside = 0;
    std::size_t turkish_letters = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (is_high(bytes[i])) {
            ++high;
            beside += i + 1 < bytes.size() && is_high(bytes[i + 1]) ? 1U : 0U;
            turkish_letters += turkish.find(bytes[i]) != std::string_view::npos ? 1U : 0U;
        }
    }
    if (beside * 2 > high) {
        return Encoding::Windows1256;
    }
    return turkish_letters * 8 > high ? Encoding::Windows1254 : Encoding::Windows1252;
}

std::string as_utf8(std::string_view bytes, Encoding encoding) {
    if (encoding == Encoding::Utf8) {
        return std::string(bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes);
    }
    if (is_single_byte(encoding)) {
        return from_single_byte(encoding, bytes);
    }
    Utf16Reader reader(reader_of(bytes));
    std::string out;
    std::string part(64 * 1024, '\0');
    for (auto got = reader.read(part.data(), part.size()); got && *got > 0;
         got = reader.read(part.data(), part.size())) {
        out.append(part, 0, *got);
    }
    return out;
}

Rows sample_rows(std::string_view text, char delimiter, bool whole) {
    CsvReader reader(reader_of(text), {.delimiter = delimiter});
    Rows rows;
    CsvRecord record;
    std::size_t width = 0;
    std::size_t last_line = 0;
    while (rows.size() < guess_rows_max) {
        const auto more = reader.next(record);
        if (!more || !*more) {
            // Without the end of the file the last record may be half of one.
            if (!whole && !rows.empty() && last_line != 0) {
                rows.pop_back();
            }
            break;
        }
        width = width == 0 ? record.size() : width;
        last_line = 0;
        if (record.fault != CsvFault::None || record.size() != width) {
            continue;
        }
        last_line = record.line;
        std::vector<std::string> row;
        for (std::size_t i = 0; i < record.size(); ++i) {
            row.emplace_back(trim(record[i]));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// The one that gives the most records of one width, and of those the widest.
char guess_delimiter(std::string_view text) {
    const std::string_view head = text.substr(0, std::size_t{64} * 1024);
    char best = ',';
    double best_score = 0;
    for (const char delimiter : {',', ';', '\t', '|'}) {
        CsvReader reader(reader_of(head), {.delimiter = delimiter});
        CsvRecord record;
        std::map<std::size_t, std::size_t> widths;
        std::size_t records = 0;
        for (auto more = reader.next(record); more && *more && records < 100;
             more = reader.next(record)) {
            ++records;
            widths[record.fault == CsvFault::None ? record.size() : 0] += 1;
        }
        for (const auto& [width, count] : widths) {
            const double score =
                width < 2 ? 0
                          : static_cast<double>(count) / static_cast<double>(records) +
                                0.01 * static_cast<double>(std::min<std::size_t>(width, 20));
            if (score > best_score) {
                best_score = score;
                best = delimiter;
            }
        }
    }
    return best;
}

bool has_header_line(const Rows& rows) {
    if (rows.empty()) {
        return false;
    }
    std::size_t known = 0;
    std::size_t data = 0;
    const auto& first = rows.front();
    for (const std::string& cell : first) {
        known += role_of_name(cell).role != Role::Ignore ? 1U : 0U;
        const bool is_value = is_email(cell.empty() ? std::string_view(" ") : cell) ||
                              parse_amount(cell, false) || parse_amount(cell, true) ||
                              !guess_dates({cell}, false).formats.empty();
        data += !cell.empty() && is_value ? 1U : 0U;
    }
    const std::set<std::string> names(first.begin(), first.end());
    // Names are different from each other, and hold no numbers, dates or addresses.
    return known > data || (data == 0 && names.size() == first.size());
}

ColumnFacts facts_of(const Rows& rows, std::size_t column, std::size_t from) {
    constexpr std::size_t different_max = 64;
    constexpr std::size_t examples_max = 3;
    ColumnFacts facts;
    std::set<std::string, std::less<>> seen;
    for (std::size_t i = from; i < rows.size(); ++i) {
        const std::string& cell = rows[i][column];
        if (cell.empty()) {
            continue;
        }
        ++facts.filled;
        facts.emails += is_email(cell) ? 1U : 0U;
        facts.phones += is_phone(cell) ? 1U : 0U;
        facts.integers +=
            cell.find_first_not_of("0123456789", cell.front() == '-' ? 1 : 0) == std::string::npos
                ? 1U
                : 0U;
        count_number(cell, facts);
        if (seen.size() < different_max && seen.insert(cell).second &&
            facts.examples.size() < examples_max) {
            facts.examples.push_back(cell);
        }
    }
    facts.different = seen.size();
    return facts;
}

}  // namespace winback::ingest
