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

// A bit for each letter and digit of ASCII, the others share the rest.
std::uint64_t initial_bit(std::string_view word) {
    constexpr unsigned shared = 28;
    const auto first = static_cast<unsigned char>(word.front());
    const unsigned second = word.size() > 1 ? static_cast<unsigned char>(word[1]) : 0U;
    const unsigned bit = first >= 'a' && first <= 'z'   ? first - 'a'
                         : first >= '0' && first <= '9' ? 26U + first - '0'
                                                        : 36U + (first * 31U + second) % shared;
    return std::uint64_t{1} << bit;
}

std::uint64_t initials_of(std::string_view record) {
    std::uint64_t initials = 0;
    for (std::size_t i = 1; i < record.size(); ++i) {
        // Whatever a search may begin with: words, and single marks such as "+".
        if (!is_word_byte(record[i - 1]) || !is_word_byte(record[i])) {
            initials |= initial_bit(record.substr(i, 2));
        }
    }
    return initials;
}

std::string as_field(std::string_view text) {
    return field_mark + std::string(text) + field_mark;
}

}  // namespace

Texts::Wanted::Wanted(const Needle& needle) {
    for (const std::string& word : needle.words) {
        words.add(word);
    }
    phone.add(needle.phone);
    whole.add(as_field(needle.whole));
    whole_phone.add(as_field(needle.phone.empty() ? needle.whole : needle.phone));
    if (is_short(needle)) {
        const std::string& word = needle.words.front();
        const bool letter_of_ascii =
            static_cast<unsigned char>(word.front()) < 0x80U && is_word_byte(word.front());
        // The second byte of other letters decides, so it must be there.
        initial = letter_of_ascii || word.size() > 1 ? initial_bit(word) : ~std::uint64_t{0};
        initial_is_all = letter_of_ascii && word.size() == 1;
    }
}

void Texts::resize(std::size_t customers) {
    entries_.resize(customers);
    signatures_.resize(customers);
    initials_.resize(customers);
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
    initials_[customer] = 0;
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
    initials_[customer] = initials_of(record(customer));
    // 64 shards of 4 GB are more than a machine has.
    WINBACK_CHECK(folded_.size() < 0xffff'0000 && shown_.size() < 0xffff'0000);
}

void Texts::pack() {
    Texts packed;
    packed.entries_.resize(entries_.size());
    packed.signatures_ = std::move(signatures_);
    packed.initials_ = std::move(initials_);
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
           initials_.capacity() * sizeof(std::uint64_t) + shown_.capacity() + folded_.capacity();
}

}  // namespace winback::directory
