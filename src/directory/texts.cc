#include "directory/texts.h"

#include <algorithm>

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
    signatures_.resize(customers);
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
    if (at(customer) == shown) {
        return;
    }
    wipe(customer);
    if (!shown.id.empty()) {
        append(customer, shown);
    }
    if (wasted_ > waste_min && wasted_ > (shown_.size() + folded_.size()) / 4) {
        pack();
    }
}

void Texts::wipe(std::uint32_t customer) {
    Entry& entry = entries_[customer];
    std::fill_n(shown_.begin() + entry.shown, entry.shown_bytes(), '\0');
    std::fill_n(folded_.begin() + entry.folded, entry.folded_bytes, '\0');
    wasted_ += entry.shown_bytes() + entry.folded_bytes;
    entry = {};
    signatures_[customer] = {};
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
    signatures_[customer].add(record(customer));
    // 64 shards of 4 GB are more than a machine has.
    WINBACK_CHECK(folded_.size() < 0xffff'0000 && shown_.size() < 0xffff'0000);
}

void Texts::pack() {
    Texts packed;
    packed.entries_.resize(entries_.size());
    packed.signatures_ = std::move(signatures_);
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
    }
    *this = std::move(packed);
}

std::size_t Texts::memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + signatures_.capacity() * sizeof(Signature) +
           shown_.capacity() + folded_.capacity();
}

}  // namespace winback::directory
