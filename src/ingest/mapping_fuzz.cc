// Any text is a mapping or a list of mistakes; a mapping reads any row of its columns.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "ingest/mapping.h"
#include "ingest/row_mapper.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's bytes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = ingest::read_mapping(text, "fuzz.yaml");
    if (has_errors(read.diagnostics) || read.mapping.format != ingest::FileFormat::Csv) {
        return 0;
    }
    Diagnostics diagnostics;
    auto places = ingest::bind_columns(read.mapping, read.mapping.columns, diagnostics);
    if (!diagnostics.empty()) {
        return 0;
    }
    ingest::RowMapper mapper(read.mapping, std::move(places), [](event::Event&& event) {
        WINBACK_CHECK(!event.message_id.empty());
        return Status(Ok{});
    });
    for (const std::string_view cell : {"1", "", "2024-01-01", "-2.5", "x"}) {
        ingest::CsvRecord record;
        for (std::size_t i = 0; i < read.mapping.columns.size(); ++i) {
            record.append(cell);
            record.end_field();
        }
        ingest::RowFault why;
        const auto outcome = mapper.add(record, why);
        WINBACK_CHECK(!outcome || *outcome == ingest::RowOutcome::Taken || !why.code.empty());
    }
    WINBACK_CHECK(mapper.finish().has_value());
    return 0;
}
