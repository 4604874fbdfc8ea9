#include "api/new_id.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include "playbook/playbook.h"

namespace winback::api {
namespace {

// A letter has at most four bytes; what follows could not be seen in the id anyway.
constexpr std::size_t name_bytes_max = 4 * playbook::id_bytes_max;

// ASCII where the script has a transcription; as it was where ICU has no rules for it.
std::string transcribed(std::string_view name) {
    static const std::unique_ptr<const icu::Transliterator> rules = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<const icu::Transliterator> made(icu::Transliterator::createInstance(
            "Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
        return U_FAILURE(status) == 0 ? std::move(made) : nullptr;
    }();
    const std::size_t size = std::min(name.size(), name_bytes_max);
    icu::UnicodeString text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(name.data(), static_cast<std::int32_t>(size)));
    if (rules != nullptr) {
        rules->transliterate(text);
    }
    std::string out;
    text.toUTF8String(out);
    return out;
}

void cut(std::string& id, std::size_t bytes_max) {
    id.resize(std::min(id.size(), bytes_max));
    id.resize(id.find_last_not_of('_') + 1);
}

std::string id_of_name(std::string_view name) {
    std::string id;
    for (const char c : transcribed(name)) {
        if (c >= 'A' && c <= 'Z') {
            id += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            id += c;
        } else if (c != '\'' && c != '`' && !id.empty() && id.back() != '_') {
            id += '_';  // Apostrophes stand inside words, also in transcriptions.
        }
    }
    cut(id, playbook::id_bytes_max);
    return id;
}

}  // namespace

std::string new_id(std::string_view name,
                   std::string_view otherwise,
                   const std::function<bool(std::string_view)>& is_taken) {
    std::string base = id_of_name(name);
    if (base.empty()) {
        base = otherwise;
    }
    std::string id = base;
    for (std::size_t n = 2; is_taken(id); ++n) {
        const std::string number = "_" + std::to_string(n);
        id = base;
        cut(id, playbook::id_bytes_max - number.size());
        id += number;
    }
    return id;
}

}  // namespace winback::api
