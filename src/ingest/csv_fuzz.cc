// Any bytes are read to their end, however they come in pieces, with limits held; and what was
// read, written again, reads the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "ingest/csv.h"
#include "ingest/csv_writer.h"

namespace {

using namespace winback;

struct Row {
    std::uint64_t line;
    ingest::CsvFault fault;
    std::vector<std::string> fields;
    bool operator==(const Row&) const = default;
};

std::vector<Row> read_all(std::string_view bytes, std::size_t piece, char delimiter) {
    std::size_t pos = 0;
    ingest::CsvReader reader(
        [bytes, piece, &pos](char* buffer, std::size_t size) -> Result<std::size_t> {
            const std::string_view part = bytes.substr(pos, std::min(piece, size));
            std::memcpy(buffer, part.data(), part.size());
            pos += part.size();
            return part.size();
        },
        {.delimiter = delimiter});
    std::vector<Row> rows;
    ingest::CsvRecord record;
    for (auto more = reader.next(record); more && *more; more = reader.next(record)) {
        Row row{record.line, record.fault, {}};
        for (std::size_t i = 0; record.fault == ingest::CsvFault::None && i < record.size(); ++i) {
            row.fields.emplace_back(record[i]);
        }
        WINBACK_CHECK(rows.empty() || rows.back().line < row.line);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's bytes
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto rows = read_all(bytes, 1 << 16, ',');
    WINBACK_CHECK(rows == read_all(bytes, 3, ','));
    std::string written;
    std::vector<std::vector<std::string>> expected;
    for (const Row& row : rows) {
        const bool blank = row.fields.size() == 1 && row.fields[0].empty();
        const bool guarded =
            std::any_of(row.fields.begin(), row.fields.end(), [](const std::string& field) {
                return !field.empty() && std::strchr("=+-@\t\r\xEF\xFE\xFF", field[0]) != nullptr;
            });
        if (row.fault == ingest::CsvFault::None && !blank && !guarded) {
            ingest::append_csv_row(written, {row.fields.begin(), row.fields.end()});
            expected.push_back(row.fields);
        }
    }
    const auto again = read_all(written, 1 << 16, ',');
    WINBACK_CHECK(again.size() == expected.size());
    for (std::size_t i = 0; i < again.size(); ++i) {
        WINBACK_CHECK(again[i].fields == expected[i]);
    }
    return 0;
}
