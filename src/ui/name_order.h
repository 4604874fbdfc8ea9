// Names as readers of a language order them and find them: "Äpfel" beside "apfel", "İ" beside "i".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/value.h"

namespace winback::ui {

class NameOrder {
public:
    explicit NameOrder(std::string_view language);
    ~NameOrder();
    NameOrder(const NameOrder&) = delete;
    NameOrder& operator=(const NameOrder&) = delete;

    // Whether `a` stands before `b`.
    bool operator()(const std::string& a, const std::string& b) const;
    // Whether `part` stands in `text`, whatever the case and the marks of letters.
    bool finds(const std::string& part, const std::string& text) const;

private:
    struct Collation;
    std::unique_ptr<Collation> collation_;
};

// Maps by their text under `key` as it is shown in the language; equal ones by `id`.
void sort_by_name(ValueList& maps, std::string_view language, const std::string& key = "name");

}  // namespace winback::ui
