// Records in the encodings of old exports, made UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "ingest/csv.h"

namespace winback::ingest {

// windows-1252, of which Latin-1's letters are a part. Its five unused bytes become U+FFFD.
std::string from_windows_1252(std::string_view text);

// `record` with all fields converted.
void convert_from_windows_1252(CsvRecord& record);

bool is_utf8(const CsvRecord& record);

}  // namespace winback::ingest
