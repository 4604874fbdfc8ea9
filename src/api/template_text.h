// The text of one file of templates/ as an editor shows it: the head as fields, and the body.
//
// A head is YAML that people keep in git. Changing one field rewrites the lines of that field
// alone; comments, order and quoting of all others stay as they were written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winback::api {

// Name and value, in the order of the head. Values are what YAML reads, without quotes.
using TemplateFields = std::vector<std::pair<std::string, std::string>>;

struct TemplateText {
    struct Field {
        std::string name;
        std::string value;
        bool plain = true;   // False: a map or a list, whose `value` is empty.
        int first_line = 1;  // Of the file, counted from 1.
        int last_line = 1;
    };
    std::vector<Field> fields;
    std::string body;
    int body_line = 1;  // Where the body begins.

    const Field* find(std::string_view name) const;
    std::string value_of(std::string_view name) const;  // Empty when absent.
    // "body", or the field that stands on this line; "head" when none does.
    std::string place_of(int line) const;
};

// Nothing when the head cannot be read, or not line by line: `{subject: a, topic: b}`.
std::optional<TemplateText> split_template(std::string_view text);

// `text` with the values of `fields` and another body. An empty value takes the field out.
// Without a readable head a new one is begun.
std::string join_template(std::string_view text,
                          const TemplateFields& fields,
                          std::string_view body);

// Browsers send text areas with CR LF; files have LF alone.
std::string with_line_feeds(std::string_view text);

}  // namespace winback::api
