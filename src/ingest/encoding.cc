#include "ingest/encoding.h"

#include <array>

#include "base/strings.h"

namespace winback::ingest {
namespace {

// Bytes 0x80 to 0x9F as Unicode; the WHATWG's table (encoding.spec.whatwg.org).
constexpr std::array<unsigned, 32> high_controls{
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

}  // namespace

std::string from_windows_1252(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool special = byte >= 0x80 && byte < 0xA0;
        append_utf8(out, special ? high_controls.at(byte - 0x80U) : byte);
    }
    return out;
}

void convert_from_windows_1252(CsvRecord& record) {
    CsvRecord converted;
    converted.line = record.line;
    converted.fault = record.fault;
    for (std::size_t i = 0; i < record.size(); ++i) {
        converted.append(from_windows_1252(record[i]));
        converted.end_field();
    }
    record = std::move(converted);
}

bool is_utf8(const CsvRecord& record) {
    for (std::size_t i = 0; i < record.size(); ++i) {
        if (!is_valid_utf8(record[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace winback::ingest
