// The texts by which customers are shown and found: as they are, and folded for searching.
//
// Folded records stand back to back, so a search is one run over memory. A text that changed is
// wiped and appended anew; when a quarter is wiped, all is packed again.
#pragma once

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
        run(needle.words.front(), [&](std::uint32_t customer, std::string_view record) {
            if (const Fit fit = fit_of(needle, record); fit != Fit::None) {
                visit(customer, fit);
            }
        });
        if (needle.phone.empty() || needle.phone == needle.words.front()) {
            return;
        }
        run(needle.phone, [&](std::uint32_t customer, std::string_view record) {
            if (record.find(needle.words.front()) == std::string_view::npos) {
                visit(customer, fit_of(needle, record));
            }
        });
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
    struct Start {
        std::uint32_t at;
        std::uint32_t customer;
    };

    template <class Visit>
    void run(std::string_view word, Visit visit) const {
        std::size_t at = 0;
        std::size_t start = 0;
        while ((at = find(word, at)) != std::string_view::npos) {
            start = start_of(at, start);
            const std::uint32_t customer = starts_[start].customer;
            const std::string_view whole = record(customer);
            visit(customer, whole);
            at = starts_[start].at + whole.size();
        }
    }
    std::size_t find(std::string_view word, std::size_t from) const;
    std::size_t start_of(std::size_t at, std::size_t from) const;
    void wipe(Entry& entry);
    void append(std::uint32_t customer, const Shown& shown);
    void pack();

    std::vector<Entry> entries_;
    std::string shown_;
    std::string folded_;
    std::vector<Start> starts_;  // Of records in folded_, rising; wiped ones too.
    std::size_t wasted_ = 0;     // Bytes of both.
};

}  // namespace winback::directory
