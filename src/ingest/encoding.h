// Records in the encodings of old exports, made UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "ingest/csv.h"
#include "ingest/mapping.h"
#include "ingest/source.h"

namespace winback::ingest {

std::string_view encoding_name(Encoding encoding);  // As mappings write it: "windows-1254".
bool is_single_byte(Encoding encoding);

// windows-1252 (of which Latin-1's letters are a part), windows-1254, windows-1256. Bytes that
// an encoding does not use become U+FFFD. Pre: is_single_byte(encoding).
std::string from_single_byte(Encoding encoding, std::string_view text);

// `record` with all fields converted; nothing to do for UTF-8 and UTF-16.
void convert_record(Encoding encoding, CsvRecord& record);

bool is_utf8(const CsvRecord& record);

// A stream of UTF-16, in either order of bytes, with or without a mark, as UTF-8. Halves of
// characters become U+FFFD.
class Utf16Reader {
public:
    explicit Utf16Reader(ReadBytes read) : read_(std::move(read)) {}

    Result<std::size_t> read(char* buffer, std::size_t size);

private:
    void convert();
    void put(unsigned unit);

    ReadBytes read_;
    std::string rest_;   // Bytes that are not a unit yet.
    std::string ready_;  // UTF-8, given out from pos_ on.
    std::size_t pos_ = 0;
    unsigned high_ = 0;  // A high surrogate that waits for its low one.
    bool started_ = false;
    bool big_endian_ = false;
};

}  // namespace winback::ingest
