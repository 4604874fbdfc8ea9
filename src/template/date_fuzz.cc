// Reads arbitrary text as a date and writes it in an arbitrary format.
#include <cstdint>
#include <string>
#include <string_view>

#include "template/strftime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    using namespace winback::liquid;
    const void* bytes = data;
    const std::string_view input(static_cast<const char*>(bytes), size);
    const std::size_t line = std::min(input.find('\n'), input.size());
    const auto moment = parse_date(input.substr(0, line), utc_zone(), Timestamp{});
    std::string out;
    const std::string_view format = line < input.size() ? input.substr(line + 1) : "%c %F %N %G-%V";
    append_strftime(out, format, moment.value_or(moment_at(Timestamp{}, utc_zone())), {});
    return 0;
}
