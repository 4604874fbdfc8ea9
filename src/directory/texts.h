// The texts by which customers are shown and found: as they are, and folded for searching.
//
// Beside each folded record stands its signature, a bit set for every three bytes in a row, so that
// a search reads 16 bytes of most people and the record only of those who may fit. A text that
// changed is wiped and appended anew; when a quarter is wiped, all is packed again.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "directory/fold.h"

namespace winback::directory {

inline constexpr std::size_t shown_bytes_max = 256;  // Of name, address and phone; cut.

struct Shown {
    std::string_view id;
    std::string_view email;
    std::string_view name;
    std::string_view phone;
    bool operator==(const Shown&) const = default;
};

// Which rows of three bytes a text has, each one bit of a few. A record with a word in it covers
// the signature of the word; one that covers it may still lack the word.
class Signature {
public:
    void add(std::string_view text) {
        for (std::size_t i = 2; i < text.size(); ++i) {
            constexpr std::uint32_t spread = 0x9e3779b1U;
            const auto byte = [&](std::size_t at) {
                return std::uint32_t{static_cast<unsigned char>(text[at])};
            };
            const std::uint32_t three = byte(i - 2) << 16U | byte(i - 1) << 8U | byte(i);
            const std::uint32_t bit = three * spread >> 25U;
            bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
        }
    }
    bool covers(const Signature& part) const {
        return ((part.bits_[0] & ~bits_[0]) | (part.bits_[1] & ~bits_[1])) == 0;
    }

private:
    std::array<std::uint64_t, 2> bits_{};
};

class Texts {
public:
    void resize(std::size_t customers);
    // Copies; an empty id leaves nothing of the customer.
    void put(std::uint32_t customer, Shown shown);
    Shown at(std::uint32_t customer) const;                 // Valid until the next change.
    std::string_view record(std::uint32_t customer) const;  // Folded; empty when there is none.

    // Calls visit(customer, fit) for everybody who fits, each once, in no order.
    // Pre: the needle is not empty.
    template <class Visit>
    void search(const Needle& needle, Visit visit) const {
        Signature words;
        for (const std::string& word : needle.words) {
            words.add(word);
        }
        Signature phone;
        phone.add(needle.phone);
        for (std::uint32_t customer = 0; customer < entries_.size(); ++customer) {
            const Signature& has = signatures_[customer];
            if (!has.covers(words) && (needle.phone.empty() || !has.covers(phone))) {
                continue;
            }
            if (const std::string_view whole = record(customer); !whole.empty()) {
                if (const Fit fit = fit_of(needle, whole); fit != Fit::None) {
                    visit(customer, fit);
                }
            }
        }
    }
    std::size_t memory_bytes() const;

private:
    struct Entry {
        std::uint32_t shown = 0;
        std::uint32_t folded = 0;
        std::uint32_t folded_bytes = 0;  // 0: nothing.
        std::uint16_t id_bytes = 0;
        std::uint16_t email_bytes = 0;
        std::uint16_t name_bytes = 0;
        std::uint16_t phone_bytes = 0;
        std::uint32_t shown_bytes() const {
            return std::uint32_t{id_bytes} + email_bytes + name_bytes + phone_bytes;
        }
    };
    void wipe(std::uint32_t customer);
    void append(std::uint32_t customer, const Shown& shown);
    void pack();

    std::vector<Entry> entries_;
    std::vector<Signature> signatures_;  // Of the folded records.
    std::string shown_;
    std::string folded_;
    std::size_t wasted_ = 0;  // Bytes of both.
};

}  // namespace winback::directory
