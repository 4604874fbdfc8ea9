// Texts as searching compares them: what a person would call the same letters is the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winback::directory {

// Case is folded by Unicode, the Turkish i of either kind is i, marks above and below letters are
// gone ("Müller" is "muller"), Arabic and Persian forms of one letter are one (ي ی, ك ک, ة ه, أ ا),
// digits of every script are ASCII, joiners and tatweel are gone, white space is one blank.
// The result has no control characters. What is no UTF-8 becomes U+FFFD.
std::string fold(std::string_view text);

// The digits of a phone number without the 0s in front that only say how it is dialled.
std::string phone_digits(std::string_view text);

// What somebody looks for.
struct Needle {
    std::string whole;               // Folded; empty: everybody.
    std::vector<std::string> words;  // Of `whole`; the longest first.
    std::string phone;               // Empty when it does not look like a part of a number.
};
inline constexpr std::size_t needle_words_max = 8;  // Further ones are not looked at.
Needle needle_of(std::string_view text);
// One word of one or two bytes: so many have it somewhere that it is looked for at the beginning of
// words alone.
inline constexpr std::size_t short_needle_bytes = 2;
bool is_short(const Needle& needle);

// How well a record fits: the smaller, the better.
enum class Fit : unsigned char { Exact, Prefix, Part, None };

// A record is a row of folded fields, with `field_mark` in front of each and behind the last.
inline constexpr char field_mark = '\x1f';
// Exact: one field is the whole needle. Prefix: every word begins a word of the record. Part: every
// word stands somewhere. The digits of a phone count like a word that stands for the whole.
// `may_be_exact`: false when it is known that no field is the whole needle, which spares looking
// on.
Fit fit_of(const Needle& needle, std::string_view record, bool may_be_exact = true);

// Part of a word: a letter or digit of ASCII, or a byte of any letter beyond.
inline bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace winback::directory
