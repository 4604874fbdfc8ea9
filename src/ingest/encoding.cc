#include "ingest/encoding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace winback::ingest {
namespace {

// Bytes 0x80 to 0x9F as Unicode; the WHATWG's table (encoding.spec.whatwg.org).
constexpr std::array<unsigned, 32> high_controls{
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

// windows-1254 is windows-1252 with the six letters of Turkish and two bytes less.
constexpr std::array<std::pair<unsigned, unsigned>, 8> turkish{{{0x8E, 0xFFFD},
                                                                {0x9E, 0xFFFD},
                                                                {0xD0, 0x011E},
                                                                {0xDD, 0x0130},
                                                                {0xDE, 0x015E},
                                                                {0xF0, 0x011F},
                                                                {0xFD, 0x0131},
                                                                {0xFE, 0x015F}}};

// Bytes 0x80 to 0xFF of windows-1256, by the same table.
constexpr std::array<unsigned, 128> arabic{
    0x20AC, 0x067E, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0679, 0x2039,
    0x0152, 0x0686, 0x0698, 0x0688, 0x06AF, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x06A9, 0x2122, 0x0691, 0x203A, 0x0153, 0x200C, 0x200D, 0x06BA, 0x00A0, 0x060C, 0x00A2, 0x00A3,
    0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9, 0x06BE, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
    0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7, 0x00B8, 0x00B9, 0x061B, 0x00BB,
    0x00BC, 0x00BD, 0x00BE, 0x061F, 0x06C1, 0x0621, 0x0622, 0x0623, 0x0624, 0x0625, 0x0626, 0x0627,
    0x0628, 0x0629, 0x062A, 0x062B, 0x062C, 0x062D, 0x062E, 0x062F, 0x0630, 0x0631, 0x0632, 0x0633,
    0x0634, 0x0635, 0x0636, 0x00D7, 0x0637, 0x0638, 0x0639, 0x063A, 0x0640, 0x0641, 0x0642, 0x0643,
    0x00E0, 0x0644, 0x00E2, 0x0645, 0x0646, 0x0647, 0x0648, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB,
    0x0649, 0x064A, 0x00EE, 0x00EF, 0x064B, 0x064C, 0x064D, 0x064E, 0x00F4, 0x064F, 0x0650, 0x00F7,
    0x0651, 0x00F9, 0x0652, 0x00FB, 0x00FC, 0x200E, 0x200F, 0x06D2};

void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code >= 0x10000) {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

constexpr std::size_t raw_bytes = 64 * 1024;

unsigned code_of(Encoding encoding, unsigned byte) {
    if (byte < 0x80) {
        return byte;
    }
    if (encoding == Encoding::Windows1256) {
        return arabic.at(byte - 0x80U);
    }
    if (encoding == Encoding::Windows1254) {
        for (const auto& [own, code] : turkish) {
            if (own == byte) {
                return code;
            }
        }
    }
    return byte < 0xA0 ? high_controls.at(byte - 0x80U) : byte;
}

}  // namespace

bool is_single_byte(Encoding encoding) {
    return encoding != Encoding::Utf8 && encoding != Encoding::Utf16;
}

std::string_view encoding_name(Encoding encoding) {
    constexpr std::array<std::string_view, 5> names{"utf-8", "windows-1252", "windows-1254",
                                                    "windows-1256", "utf-16"};
    return names.at(static_cast<std::size_t>(encoding));
}

std::string from_single_byte(Encoding encoding, std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        append_utf8(out, code_of(encoding, static_cast<unsigned char>(c)));
    }
    return out;
}

void convert_record(Encoding encoding, CsvRecord& record) {
    if (!is_single_byte(encoding)) {
        return;
    }
    CsvRecord converted;
    converted.line = record.line;
    converted.fault = record.fault;
    for (std::size_t i = 0; i < record.size(); ++i) {
        converted.append(from_single_byte(encoding, record[i]));
        converted.end_field();
    }
    record = std::move(converted);
}

Result<std::size_t> Utf16Reader::read(char* buffer, std::size_t size) {
    while (ready_.size() - pos_ == 0) {
        ready_.clear();
        pos_ = 0;
        std::string raw(raw_bytes, '\0');
        WINBACK_TRY(const std::size_t got, read_(raw.data(), raw.size()));
        if (got == 0) {
            if (!rest_.empty() || high_ != 0) {
                append_utf8(ready_, 0xFFFD);  // The file ends inside a character.
                rest_.clear();
                high_ = 0;
                continue;
            }
            return std::size_t{0};
        }
        rest_.append(raw, 0, got);
        convert();
    }
    const std::size_t given = std::min(size, ready_.size() - pos_);
    std::copy_n(ready_.data() + pos_, given, buffer);
    pos_ += given;
    return given;
}

void Utf16Reader::convert() {
    std::size_t i = 0;
    for (; i + 1 < rest_.size(); i += 2) {
        const auto first = static_cast<unsigned char>(rest_[i]);
        const auto second = static_cast<unsigned char>(rest_[i + 1]);
        if (!started_) {
            started_ = true;
            // Without a mark: the half that is zero in Latin text, which every header has.
            big_endian_ = (first == 0xFE && second == 0xFF) || (first == 0 && second != 0);
            if ((first == 0xFE && second == 0xFF) || (first == 0xFF && second == 0xFE)) {
                continue;
            }
        }
        put(big_endian_ ? first * 256U + second : second * 256U + first);
    }
    rest_.erase(0, i);
}

void Utf16Reader::put(unsigned unit) {
    const bool is_high = unit >= 0xD800 && unit < 0xDC00;
    const bool is_low = unit >= 0xDC00 && unit < 0xE000;
    if (high_ != 0 && is_low) {
        append_utf8(ready_, 0x10000 + ((high_ - 0xD800) << 10U) + (unit - 0xDC00));
        high_ = 0;
        return;
    }
    if (high_ != 0 || is_low) {
        append_utf8(ready_, 0xFFFD);
    }
    high_ = is_high ? unit : 0;
    if (!is_high && !is_low) {
        append_utf8(ready_, unit);
    }
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
