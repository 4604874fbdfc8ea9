#include "ingest/guess_values.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/strings.h"
#include "ingest/column_names.h"

namespace winback::ingest {
namespace {

template <std::size_t n>
bool is_one_of(const std::string& normal, const std::array<std::string_view, n>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return normal_name(word) == normal; });
}

constexpr std::array<std::string_view, 33> dead_words{"cancelled",
                                                      "canceled",
                                                      "voided",
                                                      "failed",
                                                      "refunded",
                                                      "expired",
                                                      "declined",
                                                      "abandoned",
                                                      "draft",
                                                      "trash",
                                                      "pending payment",
                                                      "payment error",
                                                      "cancelled order",
                                                      "void",
                                                      "checkout draft",
                                                      "iptal",
                                                      "iptal edildi",
                                                      "iptal edilmiş",
                                                      "iade",
                                                      "iade edildi",
                                                      "başarısız",
                                                      "ملغي",
                                                      "ملغى",
                                                      "ملغاة",
                                                      "تم الإلغاء",
                                                      "مسترجع",
                                                      "فشل",
                                                      "لغو شده",
                                                      "لغو",
                                                      "ناموفق",
                                                      "مرجوع شده",
                                                      "storniert",
                                                      "erstattet"};

constexpr std::array<std::string_view, 19> yes_texts{
    "yes",  "true", "1",    "y",  "t",   "on",  "subscribed", "granted", "opted in", "opt in",
    "evet", "var",  "açık", "ja", "oui", "نعم", "بله",        "بلی",     "مشترك"};

std::string in_style(std::string word, std::string_view like) {
    const bool first_upper = !like.empty() && like.front() >= 'A' && like.front() <= 'Z';
    const bool second_upper = like.size() > 1 && like[1] >= 'A' && like[1] <= 'Z';
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool upper = first_upper && (i == 0 || second_upper);
        const bool lower_letter = word[i] >= 'a' && word[i] <= 'z';
        word[i] = upper && lower_letter ? static_cast<char>(word[i] - 'a' + 'A') : word[i];
    }
    return word;
}

std::vector<std::string> different(const std::vector<std::string>& cells) {
    const std::set<std::string> all(cells.begin(), cells.end());
    return {all.begin(), all.end()};
}

}  // namespace

std::string most_frequent(const std::vector<std::string>& cells) {
    std::map<std::string_view, std::size_t> counts;
    std::string_view best;
    for (const std::string& cell : cells) {
        ++counts[cell];
    }
    for (const std::string& cell : cells) {
        best = best.empty() || counts[cell] > counts[best] ? std::string_view(cell) : best;
    }
    return std::string(best);
}

bool is_currency(std::string_view text) {
    return text.size() == 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::vector<std::string> dead_states(const std::vector<std::string>& cells) {
    if (cells.empty()) {
        return {};
    }
    std::vector<std::string> out;
    for (const std::string& state : different(cells)) {
        if (is_one_of(normal_name(state), dead_words)) {
            out.push_back(state);
        }
    }
    for (const char* word : {"cancelled", "canceled", "refunded", "voided", "failed"}) {
        std::string styled = in_style(word, cells.front());
        if (std::find(out.begin(), out.end(), styled) == out.end()) {
            out.push_back(std::move(styled));
        }
    }
    return out;
}

std::vector<std::string> yes_words(const std::vector<std::string>& cells) {
    std::vector<std::string> out;
    for (const std::string& answer : different(cells)) {
        if (is_one_of(normal_name(answer), yes_texts)) {
            out.push_back(answer);
        }
    }
    return out.empty() ? std::vector<std::string>{"yes", "true", "1"} : out;
}

bool has_offset(std::string_view cell, std::string_view format) {
    if (format == "%s" || format == "epoch_ms" || format.find("%z") != std::string_view::npos) {
        return true;
    }
    const std::size_t time = cell.find_first_of("Tt ");
    return format == "iso8601" && time != std::string_view::npos &&
           cell.find_first_of("Zz+-", time) != std::string_view::npos;
}

}  // namespace winback::ingest
