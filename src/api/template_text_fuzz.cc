// What the fuzzer may send: any text of a file. Whatever it is, saving it unchanged changes
// nothing, and a field that was written is read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/template_text.h"
#include "base/check.h"
#include "base/strings.h"

using winback::api::TemplateFields;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto split = winback::api::split_template(text);
    if (!split) {
        return 0;
    }
    TemplateFields fields;
    for (const auto& field : split->fields) {
        fields.emplace_back(field.name, field.value);
    }
    WINBACK_CHECK(winback::api::join_template(text, fields, split->body) == text);
    const std::string changed =
        winback::api::join_template(text, {{"subject", "{{ a | b: \"c\" }}"}}, "body");
    const auto again = winback::api::split_template(changed);
    if (winback::is_valid_utf8(text) && again) {
        WINBACK_CHECK(again->body == "body");
        WINBACK_CHECK(again->value_of("subject") == "{{ a | b: \"c\" }}");
    }
    return 0;
}
