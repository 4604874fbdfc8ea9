// Reads comma-separated values (RFC 4180) from a stream, as real exports write them.
//
// Takes a byte-order mark, LF, CRLF or CR, quoted line breaks, doubled quotes and other
// delimiters; a quote inside a field that does not begin with one is text. Memory is bounded by the
// longest record. A record that breaks the rules is given back with its fault, and reading goes on
// at the line after the one it began on, so that one forgotten quote costs one line and not the
// rest of the file.
//
// See docs/design/import.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"

namespace winback::ingest {

constexpr std::size_t csv_field_bytes_max = 64 * 1024;
constexpr std::size_t csv_record_bytes_max = 1024 * 1024;
constexpr std::size_t csv_fields_max = 1024;

enum class CsvFault : std::uint8_t {
    None,
    TextAfterQuote,     // "abc"d,3
    UnterminatedQuote,  // The file ends inside quotes.
    FieldTooLong,
    RecordTooLong,
    TooManyFields,
};
constexpr std::size_t csv_fault_count = 6;           // With None.
std::string_view csv_fault_code(CsvFault fault);     // "text_after_quote"
std::string_view csv_fault_message(CsvFault fault);  // One sentence for people.

// One record; its memory is used again for the next one.
class CsvRecord {
public:
    std::uint64_t line = 0;           // Of its first byte in the file, from 1.
    CsvFault fault = CsvFault::None;  // Fields are incomplete unless None.

    std::size_t size() const { return ends_.size(); }
    // Pre: index < size().
    std::string_view operator[](std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(text_).substr(begin, ends_[index] - begin);
    }

    void clear();
    void append(std::string_view part) { text_ += part; }
    void end_field() { ends_.push_back(text_.size()); }
    // Bytes of the field that is being read.
    std::size_t open_bytes() const { return text_.size() - (ends_.empty() ? 0 : ends_.back()); }

private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

struct CsvOptions {
    char delimiter = 0;  // 0: the most frequent of , ; tab | in the first line.
};

class CsvReader {
public:
    CsvReader(ReadBytes read, CsvOptions options)
        : read_(std::move(read)), delimiter_(options.delimiter) {}

    // False at the end; blank lines are passed over. Fails when the source does, and with
    // InvalidArgument when the file is not in a single-byte encoding or UTF-8.
    Result<bool> next(CsvRecord& record);

    char delimiter() const { return delimiter_; }  // Known after the first next().

private:
    enum class Stop { Field, Record, Fault };

    bool fill();
    bool more() { return pos_ < buffer_.size() || fill(); }
    void start();
    void choose_delimiter();
    Stop read_field(CsvRecord& record);
    Stop read_quoted(CsvRecord& record);
    Stop read_plain(CsvRecord& record);
    Stop end_at(CsvRecord& record);
    Stop fault(CsvRecord& record, CsvFault fault);
    bool append(CsvRecord& record, std::string_view part);
    void recover();
    void skip_blank_lines();
    void count_lines();

    ReadBytes read_;
    char delimiter_;
    std::string buffer_;      // From the start of the record on.
    std::size_t record_ = 0;  // Where the record starts in the buffer.
    std::size_t pos_ = 0;
    std::uint64_t line_ = 1;  // Of record_.
    bool started_ = false;
    bool ended_ = false;  // The source has no more.
    Error error_{ErrorCode::Internal, ""};
    bool failed_ = false;
};

}  // namespace winback::ingest
