#include "api/day.h"

#include <string>

#include "base/civil.h"
#include "base/zone.h"
#include "host/host.h"

namespace winback::api {

Result<Timestamp> moment_of(Desk& desk, std::string_view text, bool next) {
    constexpr std::size_t date_letters = 10;
    if (text.size() != date_letters) {
        return parse_iso8601(text);
    }
    WINBACK_TRY(const Timestamp day, parse_iso8601(std::string(text) + "T00:00:00Z"));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const CivilTime civil = civil_from_timestamp(next ? day + days(1) : day);
    return definitions == nullptr ? timestamp_from_civil(civil)
                                  : from_local(*definitions->workspace.zone, civil);
}

}  // namespace winback::api
