#include "directory/fold.h"

#include <algorithm>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace winback::directory {
namespace {

constexpr std::size_t phone_digits_min = 4;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append_blank(std::string& out) {
    if (!out.empty() && out.back() != ' ') {
        out += ' ';
    }
}

void drop_blank_behind(std::string& out) {
    if (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
}

std::string fold_ascii(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte == 0x7f) {
            append_blank(out);
        } else {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    drop_blank_behind(out);
    return out;
}

// Letters that Unicode keeps apart and people do not.
UChar32 common_form(UChar32 c) {
    switch (c) {
        case 0x0131:  // Turkish dotless i
            return 'i';
        case 0x0649:  // Arabic alef maksura, yeh: Persian yeh
        case 0x064a:
            return 0x06cc;
        case 0x0643:  // Arabic kaf: Persian keheh
            return 0x06a9;
        case 0x0629:  // Teh marbuta, heh with yeh above, heh goal: heh
        case 0x06c0:
        case 0x06c1:
        case 0x06d5:
            return 0x0647;
        default:
            return c;
    }
}

bool is_left_out(UChar32 c) {
    constexpr UChar32 tatweel = 0x0640;
    const int8_t type = u_charType(c);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR ||
           c == tatweel;
}

std::string fold_unicode(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKDInstance(status);
    icu::UnicodeString folded = icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    folded.foldCase();
    if (U_SUCCESS(status)) {
        folded = normalizer->normalize(folded, status).foldCase();
    }
    std::string out;
    icu::UnicodeString one;
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
        const UChar32 c = folded.char32At(i);
        if (is_left_out(c)) {
            continue;
        }
        if (u_isUWhiteSpace(c) != 0 || u_iscntrl(c) != 0) {
            append_blank(out);
        } else if (const int32_t digit = u_charDigitValue(c); digit >= 0) {
            out += static_cast<char>('0' + digit);
        } else {
            one.setTo(common_form(c));
            one.toUTF8String(out);
        }
    }
    drop_blank_behind(out);
    return out;
}

// Exact: it is one field. Prefix: it begins a word of the record.
Fit fit_of_text(std::string_view text, std::string_view record, bool may_be_exact) {
    Fit best = Fit::None;
    for (std::size_t at = record.find(text); at != std::string_view::npos;
         at = record.find(text, at + 1)) {
        const std::size_t end = at + text.size();
        if (at > 0 && record[at - 1] == field_mark && end < record.size() &&
            record[end] == field_mark) {
            return Fit::Exact;
        }
        const bool begins = at == 0 || !is_word_byte(record[at - 1]) || !is_word_byte(text.front());
        best = std::min(best, begins ? Fit::Prefix : Fit::Part);
        if (best == Fit::Prefix && !may_be_exact) {
            break;
        }
    }
    return best;
}

}  // namespace

std::string fold(std::string_view text) {
    return is_ascii(text) ? fold_ascii(text) : fold_unicode(text);
}

std::string phone_digits(std::string_view text) {
    std::string digits;
    for (const char c : is_ascii(text) ? std::string(text) : fold(text)) {
        if (c >= '0' && c <= '9' && !(digits.empty() && c == '0')) {
            digits += c;
        }
    }
    return digits;
}

Needle needle_of(std::string_view text) {
    Needle needle{.whole = fold(text), .words = {}, .phone = {}};
    const std::string_view whole = needle.whole;
    for (std::size_t at = 0; at < whole.size() && needle.words.size() < needle_words_max;) {
        const std::size_t end = std::min(whole.find(' ', at), whole.size());
        if (end > at) {
            needle.words.emplace_back(whole.substr(at, end - at));
        }
        at = end + 1;
    }
    std::stable_sort(
        needle.words.begin(), needle.words.end(),
        [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    if (whole.find_first_not_of("0123456789+-(). /") == std::string_view::npos) {
        std::string digits = phone_digits(whole);
        if (digits.size() >= phone_digits_min) {
            needle.phone = std::move(digits);
        }
    }
    return needle;
}

bool is_short(const Needle& needle) {
    return needle.words.size() == 1 && needle.words.front().size() <= short_needle_bytes;
}

Fit fit_of(const Needle& needle, std::string_view record, bool may_be_exact) {
    if (needle.words.empty()) {
        return Fit::Exact;
    }
    const auto fit_of_part = [&](std::string_view text) {
        return fit_of_text(text, record, may_be_exact);
    };
    const Fit fit = needle.phone.empty() ? Fit::None : fit_of_part(needle.phone);
    if (needle.words.size() == 1) {
        const Fit by_word = std::min(fit, fit_of_part(needle.words.front()));
        return by_word == Fit::Part && is_short(needle) ? Fit::None : by_word;
    }
    if (fit == Fit::Exact || (may_be_exact && fit_of_part(needle.whole) == Fit::Exact)) {
        return Fit::Exact;
    }
    Fit by_words = Fit::Prefix;
    for (const std::string& word : needle.words) {
        by_words = std::max(by_words, fit_of_text(word, record, false));
    }
    return std::min(fit, by_words);
}

}  // namespace winback::directory
