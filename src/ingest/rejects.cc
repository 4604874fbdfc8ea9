#include "ingest/rejects.h"

#include "base/strings.h"
#include "base/value.h"
#include "ingest/csv_writer.h"
#include "ingest/encoding.h"

namespace winback::ingest {

Result<Rejects> Rejects::open(const std::string& path) {
    Rejects rejects;
    rejects.path_ = path;
    if (!path.empty()) {
        rejects.file_.open(path, std::ios::binary | std::ios::trunc);
        if (!rejects.file_) {
            return Error{ErrorCode::PermissionDenied, "cannot write the rejects file " + path};
        }
    }
    return rejects;
}

void Rejects::put(const std::string& text) {
    if (!path_.empty()) {
        file_ << text;
    }
}

void Rejects::write_header(const std::vector<std::string>& columns) {
    std::vector<std::string_view> cells{"winback_line", "winback_reason", "winback_message"};
    cells.insert(cells.end(), columns.begin(), columns.end());
    std::string text;
    append_csv_row(text, cells);
    put(text);
}

void Rejects::write_row(const CsvRecord& record, const RowFault& why) {
    const std::string line = std::to_string(record.line);
    std::vector<std::string_view> cells{line, why.code, why.message};
    for (std::size_t i = 0; i < record.size(); ++i) {
        cells.push_back(record[i]);
    }
    std::string text;
    append_csv_row(text, cells);
    put(text);
}

void Rejects::write_line(std::uint64_t line, std::string_view text, const RowFault& why) {
    ValueMap map;
    map.append("line", static_cast<std::int64_t>(line));
    map.append("reason", why.code);
    map.append("message", why.message);
    map.append("text", is_valid_utf8(text) ? std::string(text)
                                           : from_single_byte(Encoding::Windows1252, text));
    put(to_json(Value(std::move(map))) + "\n");
}

Status Rejects::close() {
    if (!path_.empty()) {
        file_.close();
        if (!file_) {
            return Error{ErrorCode::Unavailable, "writing the rejects file " + path_ + " failed"};
        }
    }
    return Ok{};
}

}  // namespace winback::ingest
