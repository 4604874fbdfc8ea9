#include "ui/name_order.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include <unicode/stsearch.h>
#include <unicode/tblcoll.h>

#include "base/words.h"
#include "ui/tree.h"

namespace winback::ui {

// Without the data of ICU nothing is ordered but by bytes, and found but as it is written.
struct NameOrder::Collation {
    std::unique_ptr<icu::Collator> order;
    std::unique_ptr<icu::Collator> letters;  // Their kind alone.
};

NameOrder::NameOrder(std::string_view language) : collation_(std::make_unique<Collation>()) {
    const icu::Locale reader(std::string(language).c_str());
    UErrorCode failed = U_ZERO_ERROR;
    collation_->order.reset(icu::Collator::createInstance(reader, failed));
    collation_->letters.reset(icu::Collator::createInstance(reader, failed));
    if (U_FAILURE(failed) != 0) {
        collation_ = std::make_unique<Collation>();
        return;
    }
    collation_->letters->setStrength(icu::Collator::PRIMARY);
}

NameOrder::~NameOrder() = default;

bool NameOrder::operator()(const std::string& a, const std::string& b) const {
    if (collation_->order == nullptr) {
        return a < b;
    }
    UErrorCode failed = U_ZERO_ERROR;
    return collation_->order->compareUTF8(a, b, failed) == UCOL_LESS;
}

bool NameOrder::finds(const std::string& part, const std::string& text) const {
    const auto* letters = dynamic_cast<const icu::RuleBasedCollator*>(collation_->letters.get());
    if (letters == nullptr || part.empty()) {
        return text.find(part) != std::string::npos;
    }
    // A search does not change the letters, but may not be told so.
    icu::RuleBasedCollator own(*letters);
    UErrorCode failed = U_ZERO_ERROR;
    icu::StringSearch search(icu::UnicodeString::fromUTF8(part), icu::UnicodeString::fromUTF8(text),
                             &own, nullptr, failed);
    return U_SUCCESS(failed) != 0 && search.first(failed) != USEARCH_DONE;
}

void sort_by_name(ValueList& maps, std::string_view language, const std::string& key) {
    const NameOrder before(language);
    std::vector<std::tuple<std::string, std::string, Value>> named;
    for (Value& value : maps) {
        const ValueMap& map = *value.as_map();
        std::string name = spoken_text(map, key, language);
        std::string id = text_at(map, "id");
        named.emplace_back(std::move(name), std::move(id), std::move(value));
    }
    std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
        const auto& [name_a, id_a, map_a] = a;
        const auto& [name_b, id_b, map_b] = b;
        const bool same = !before(name_a, name_b) && !before(name_b, name_a);
        return same ? id_a < id_b : before(name_a, name_b);
    });
    maps.clear();
    for (auto& [name, id, map] : named) {
        maps.push_back(std::move(map));
    }
}

}  // namespace winback::ui
