#include "directory/texts.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace winback::directory {
namespace {

constexpr std::size_t waste_min = 64 * 1024;

std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) {
        --most;
    }
    return text.substr(0, most);
}

}  // namespace

void Texts::resize(std::size_t customers) {
    entries_.resize(customers);
}

Shown Texts::at(std::uint32_t customer) const {
    const Entry& entry = entries_[customer];
    const std::string_view all = std::string_view(shown_).substr(entry.shown, entry.shown_bytes());
    Shown shown;
    std::size_t from = 0;
    const auto next = [&](std::size_t bytes) {
        from += bytes;
        return all.substr(from - bytes, bytes);
    };
    shown.id = next(entry.id_bytes);
    shown.email = next(entry.email_bytes);
    shown.name = next(entry.name_bytes);
    shown.phone = next(entry.phone_bytes);
    return shown;
}

std::string_view Texts::record(std::uint32_t customer) const {
    const Entry& entry = entries_[customer];
    return std::string_view(folded_).substr(entry.folded, entry.folded_bytes);
}

void Texts::put(std::uint32_t customer, Shown shown) {
    shown.id = cut(shown.id, 0xffff);
    shown.email = cut(shown.email, shown_bytes_max);
    shown.name = cut(shown.name, shown_bytes_max);
    shown.phone = cut(shown.phone, shown_bytes_max);
    Entry& entry = entries_[customer];
    if (at(customer) == shown) {
        return;
    }
    wipe(entry);
    if (!shown.id.empty()) {
        append(customer, shown);
    }
    if (wasted_ > waste_min && wasted_ > (shown_.size() + folded_.size()) / 4) {
        pack();
    }
}

void Texts::wipe(Entry& entry) {
    std::fill_n(shown_.begin() + entry.shown, entry.shown_bytes(), '\0');
    std::fill_n(folded_.begin() + entry.folded, entry.folded_bytes, '\0');
    wasted_ += entry.shown_bytes() + entry.folded_bytes;
    entry = {};
}

void Texts::append(std::uint32_t customer, const Shown& shown) {
    Entry& entry = entries_[customer];
    entry.shown = static_cast<std::uint32_t>(shown_.size());
    entry.id_bytes = static_cast<std::uint16_t>(shown.id.size());
    entry.email_bytes = static_cast<std::uint16_t>(shown.email.size());
    entry.name_bytes = static_cast<std::uint16_t>(shown.name.size());
    entry.phone_bytes = static_cast<std::uint16_t>(shown.phone.size());
    for (const std::string_view part : {shown.id, shown.email, shown.name, shown.phone}) {
        shown_ += part;
    }
    entry.folded = static_cast<std::uint32_t>(folded_.size());
    folded_ += field_mark;
    for (const std::string& part :
         {fold(shown.id), fold(shown.email), phone_digits(shown.phone), fold(shown.name)}) {
        folded_ += part;
        folded_ += field_mark;
    }
    entry.folded_bytes = static_cast<std::uint32_t>(folded_.size()) - entry.folded;
    starts_.push_back({entry.folded, customer});
    // 64 shards of 4 GB are more than a machine has.
    WINBACK_CHECK(folded_.size() < 0xffff'0000 && shown_.size() < 0xffff'0000);
}

void Texts::pack() {
    Texts packed;
    packed.entries_.resize(entries_.size());
    packed.shown_.reserve(shown_.size());
    packed.folded_.reserve(folded_.size());
    for (std::uint32_t customer = 0; customer < entries_.size(); ++customer) {
        if (entries_[customer].folded_bytes == 0) {
            continue;
        }
        Entry entry = entries_[customer];
        const std::uint32_t shown = entry.shown;
        const std::string_view record = this->record(customer);
        entry.shown = static_cast<std::uint32_t>(packed.shown_.size());
        entry.folded = static_cast<std::uint32_t>(packed.folded_.size());
        packed.shown_ += std::string_view(shown_).substr(shown, entry.shown_bytes());
        packed.folded_ += record;
        packed.entries_[customer] = entry;
        packed.starts_.push_back({entry.folded, customer});
    }
    *this = std::move(packed);
}

std::size_t Texts::find(std::string_view word, std::size_t from) const {
    if (from >= folded_.size()) {
        return std::string_view::npos;
    }
    const void* hit =
        ::memmem(folded_.data() + from, folded_.size() - from, word.data(), word.size());
    return hit == nullptr
               ? std::string_view::npos
               : static_cast<std::size_t>(static_cast<const char*>(hit) - folded_.data());
}

// The record in which `at` lies; not before number `from`.
std::size_t Texts::start_of(std::size_t at, std::size_t from) const {
    // Mostly near: doubling steps, then halves.
    std::size_t step = 1;
    while (from + step < starts_.size() && starts_[from + step].at <= at) {
        from += step;
        step *= 2;
    }
    const auto begin = starts_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end =
        starts_.begin() + static_cast<std::ptrdiff_t>(std::min(from + step, starts_.size()));
    const auto behind = std::upper_bound(
        begin, end, at, [](std::size_t place, const Start& start) { return place < start.at; });
    return static_cast<std::size_t>(behind - starts_.begin()) - 1;
}

std::size_t Texts::memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + shown_.capacity() + folded_.capacity() +
           starts_.capacity() * sizeof(Start);
}

}  // namespace winback::directory
