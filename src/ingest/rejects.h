// The file of rejected lines: enough to mend them and import them again.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/csv.h"
#include "ingest/row.h"

namespace winback::ingest {

// CSV: winback_line, winback_reason, winback_message and the columns of the file, cells guarded
// against formulas. JSON lines: {"line":..,"reason":..,"message":..,"text":..}.
class Rejects {
public:
    // An empty path writes nothing. A file from an earlier run is replaced.
    static Result<Rejects> open(const std::string& path);

    void write_header(const std::vector<std::string>& columns);
    void write_row(const CsvRecord& record, const RowFault& why);
    void write_line(std::uint64_t line, std::string_view text, const RowFault& why);
    Status close();

private:
    void put(const std::string& text);

    std::string path_;
    std::ofstream file_;
};

}  // namespace winback::ingest
