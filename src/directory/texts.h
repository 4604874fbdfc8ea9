// The texts by which customers are shown and found: as they are, and folded for searching.
//
// Beside each folded record stands its signature, two bits set for every three bytes in a row, so
// that a search reads 32 bytes of most people and the record only of those who may fit; and a bit
// for each letter that begins a word, for searches of one or two letters. A text that changed is
// wiped and appended anew; when a quarter is wiped, all is packed again.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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

// Which rows of three bytes a text has, each two bits of a few (a Bloom filter). A record with a
// word in it covers the signature of the word; one that covers it may still lack the word.
class Signature {
public:
    void add(std::string_view text) {
        for (std::size_t i = 2; i < text.size(); ++i) {
            constexpr std::uint32_t spread = 0x9e3779b1U;
            const auto byte = [&](std::size_t at) {
                return std::uint32_t{static_cast<unsigned char>(text[at])};
            };
            const std::uint32_t three = byte(i - 2) << 16U | byte(i - 1) << 8U | byte(i);
            const std::uint32_t hash = three * spread;
            set(hash >> 24U);
            set(hash >> 16U & 0xffU);
        }
    }
    bool covers(const Signature& part) const {
        std::uint64_t missing = 0;
        for (std::size_t i = 0; i < bits_.size(); ++i) {
            missing |= part.bits_[i] & ~bits_[i];
        }
        return missing == 0;
    }

private:
    void set(std::uint32_t bit) { bits_[bit / 64] |= std::uint64_t{1} << (bit % 64); }

    std::array<std::uint64_t, 4> bits_{};
};

class Texts {
public:
    void resize(std::size_t customers);
    // Copies; an empty id leaves nothing of the customer.
    void put(std::uint32_t customer, Shown shown);
    Shown at(std::uint32_t customer) const;                 // Valid until the next change.
    std::string_view record(std::uint32_t customer) const;  // Folded; empty when there is none.

    // Calls visit(customer, fit) for everybody with a mark in `among` who fits, each once, in no
    // order. Pre: the needle is not empty.
    template <class Visit>
    void search(const Needle& needle, const std::vector<std::uint8_t>& among, Visit visit) const {
        const Wanted wanted(needle);
        constexpr std::size_t block = 64;
        for (std::size_t from = 0; from < entries_.size(); from += block) {
            const std::size_t size = std::min(block, entries_.size() - from);
            std::uint64_t left = 0;  // Without branches: nobody can guess who has a letter.
            for (std::size_t i = 0; i < size; ++i) {
                const bool has = (initials_[from + i] & wanted.initial) != 0;
                left |= std::uint64_t{has && among[from + i] != 0} << i;
            }
            for (; left != 0; left &= left - 1) {
                const auto customer = static_cast<std::uint32_t>(from) +
                                      static_cast<std::uint32_t>(std::countr_zero(left));
                if (const Fit fit = fit_of_one(wanted, needle, customer); fit != Fit::None) {
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
    // What signatures must have.
    struct Wanted {
        explicit Wanted(const Needle& needle);
        bool may_be_exact(const Signature& has) const {
            return has.covers(whole) || has.covers(whole_phone);
        }
        Signature words;
        Signature phone;
        Signature whole;  // With the marks of a field.
        Signature whole_phone;
        std::uint64_t initial = ~std::uint64_t{0};  // One of these; all bits: any.
        bool initial_is_all = false;                // Who has the bit fits.
    };
    Fit fit_of_one(const Wanted& wanted, const Needle& needle, std::uint32_t customer) const {
        const Signature& has = signatures_[customer];
        if (!has.covers(wanted.words) && (needle.phone.empty() || !has.covers(wanted.phone))) {
            return Fit::None;
        }
        const bool may_be_exact = wanted.may_be_exact(has);
        return wanted.initial_is_all && !may_be_exact
                   ? Fit::Prefix
                   : fit_of(needle, record(customer), may_be_exact);
    }
    void wipe(std::uint32_t customer);
    void append(std::uint32_t customer, const Shown& shown);
    void pack();

    std::vector<Entry> entries_;
    std::vector<Signature> signatures_;    // Of the folded records.
    std::vector<std::uint64_t> initials_;  // Of the words in them.
    std::string shown_;
    std::string folded_;
    std::size_t wasted_ = 0;  // Bytes of both.
};

}  // namespace winback::directory
