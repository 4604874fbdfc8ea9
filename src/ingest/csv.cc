#include "ingest/csv.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace winback::ingest {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

struct FaultText {
    std::string_view code;
    std::string_view message;
};

constexpr std::array<FaultText, csv_fault_count> fault_texts{{
    {"", ""},
    {"text_after_quote", "text follows a closing quote; quotes inside a field must be doubled"},
    {"unterminated_quote", "a quote is opened and never closed"},
    {"field_too_long", "a field is longer than 65536 bytes; is a quote missing?"},
    {"record_too_long", "a record is longer than 1048576 bytes"},
    {"too_many_fields", "a record has more than 1024 fields"},
}};

}  // namespace

std::string_view csv_fault_code(CsvFault fault) {
    return fault_texts.at(static_cast<std::size_t>(fault)).code;
}

std::string_view csv_fault_message(CsvFault fault) {
    return fault_texts.at(static_cast<std::size_t>(fault)).message;
}

void CsvRecord::clear() {
    text_.clear();
    ends_.clear();
    fault = CsvFault::None;
}

Result<bool> CsvReader::next(CsvRecord& record) {
    record.clear();
    if (!started_) {
        start();
    }
    skip_blank_lines();
    record_ = pos_;
    record.line = line_;
    if (failed_ || !more()) {
        return failed_ ? Result<bool>(error_) : Result<bool>(false);
    }
    Stop stop = Stop::Field;
    while (stop == Stop::Field) {
        stop = read_field(record);
    }
    if (failed_) {
        return error_;
    }
    if (stop == Stop::Fault) {
        recover();
    }
    count_lines();
    return true;
}

// Reads more of the file; what lies before the record is no longer needed.
bool CsvReader::fill() {
    if (ended_ || failed_) {
        return false;
    }
    buffer_.erase(0, record_);
    pos_ -= record_;
    record_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + chunk_bytes);
    const auto got = read_(buffer_.data() + kept, chunk_bytes);
    buffer_.resize(kept + (got ? *got : 0));
    if (!got) {
        failed_ = true;
        error_ = got.error();
    }
    ended_ = !got || *got == 0;
    return pos_ < buffer_.size();
}

void CsvReader::start() {
    started_ = true;
    while (buffer_.size() < 4 && fill()) {
        pos_ = buffer_.size();  // So that a slow source is asked again.
    }
    pos_ = 0;
    if (buffer_.starts_with("\xFF\xFE") || buffer_.starts_with("\xFE\xFF")) {
        failed_ = true;
        error_ = {ErrorCode::InvalidArgument, "the file is in UTF-16; save it as UTF-8"};
        return;
    }
    if (buffer_.starts_with("\xEF\xBB\xBF")) {
        pos_ = 3;
    }
    record_ = pos_;
    if (delimiter_ == 0) {
        choose_delimiter();
    }
}

void CsvReader::choose_delimiter() {
    constexpr std::string_view candidates = ",;\t|";
    std::array<std::size_t, candidates.size()> counts{};
    bool quoted = false;
    for (std::size_t i = pos_; i < buffer_.size(); ++i) {
        const char c = buffer_[i];
        quoted = quoted != (c == '"');
        if (!quoted && (c == '\n' || c == '\r')) {
            break;
        }
        const std::size_t which = candidates.find(c);
        if (!quoted && which != std::string_view::npos) {
            ++counts.at(which);
        }
    }
    // The first of equals: a comma when there is none at all.
    const auto* most = std::max_element(counts.begin(), counts.end());
    delimiter_ = candidates[static_cast<std::size_t>(most - counts.begin())];
}

void CsvReader::skip_blank_lines() {
    for (record_ = pos_; more() && (buffer_[pos_] == '\n' || buffer_[pos_] == '\r');) {
        const bool carriage = buffer_[pos_] == '\r';
        ++pos_;
        if (carriage && more() && buffer_[pos_] == '\n') {
            ++pos_;
        }
        ++line_;
        record_ = pos_;
    }
}

CsvReader::Stop CsvReader::fault(CsvRecord& record, CsvFault fault) {
    record.fault = fault;
    return Stop::Fault;
}

bool CsvReader::append(CsvRecord& record, std::string_view part) {
    record.append(part);
    if (record.open_bytes() > csv_field_bytes_max) {
        record.fault = CsvFault::FieldTooLong;
    } else if (pos_ - record_ > csv_record_bytes_max) {
        record.fault = CsvFault::RecordTooLong;
    }
    return record.fault == CsvFault::None;
}

CsvReader::Stop CsvReader::read_field(CsvRecord& record) {
    if (record.size() == csv_fields_max) {
        return fault(record, CsvFault::TooManyFields);
    }
    return more() && buffer_[pos_] == '"' ? read_quoted(record) : read_plain(record);
}

// Pre: a field has just ended, and at pos_ is what ended it.
CsvReader::Stop CsvReader::end_at(CsvRecord& record) {
    record.end_field();
    if (!more()) {
        return Stop::Record;
    }
    const char c = buffer_[pos_];
    ++pos_;
    if (c == delimiter_) {
        return Stop::Field;
    }
    WINBACK_CHECK(c == '\n' || c == '\r');
    if (c == '\r' && more() && buffer_[pos_] == '\n') {
        ++pos_;
    }
    return Stop::Record;
}

CsvReader::Stop CsvReader::read_plain(CsvRecord& record) {
    while (more()) {
        std::size_t end = pos_;
        char c = 0;
        for (; end < buffer_.size(); ++end) {
            c = buffer_[end];
            if (c == delimiter_ || c == '\n' || c == '\r') {
                break;
            }
        }
        const std::string_view part = std::string_view(buffer_).substr(pos_, end - pos_);
        pos_ = end;
        if (!append(record, part)) {
            return Stop::Fault;
        }
        if (end < buffer_.size()) {
            return end_at(record);
        }
    }
    return end_at(record);
}

CsvReader::Stop CsvReader::read_quoted(CsvRecord& record) {
    ++pos_;
    while (more()) {
        const std::size_t end = std::min(buffer_.find('"', pos_), buffer_.size());
        const std::string_view part = std::string_view(buffer_).substr(pos_, end - pos_);
        pos_ = end;
        if (!append(record, part)) {
            return Stop::Fault;
        }
        if (end == buffer_.size()) {
            continue;
        }
        ++pos_;
        if (!more()) {
            return end_at(record);
        }
        const char c = buffer_[pos_];
        if (c == delimiter_ || c == '\n' || c == '\r') {
            return end_at(record);
        }
        if (c != '"') {
            return fault(record, CsvFault::TextAfterQuote);
        }
        ++pos_;
        if (!append(record, "\"")) {
            return Stop::Fault;
        }
    }
    return fault(record, CsvFault::UnterminatedQuote);
}

// After a fault: goes on behind the first line of the record.
void CsvReader::recover() {
    pos_ = record_;
    while (more()) {
        const std::size_t end = buffer_.find_first_of("\r\n", pos_);
        if (end == std::string::npos) {
            // The rest of this long line is not needed, so neither is its memory.
            pos_ = buffer_.size();
            record_ = pos_;
            continue;
        }
        pos_ = end + 1;
        if (buffer_[end] == '\r' && more() && buffer_[pos_] == '\n') {
            ++pos_;
        }
        break;
    }
}

void CsvReader::count_lines() {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(record_);
    const auto to = buffer_.begin() + static_cast<std::ptrdiff_t>(pos_);
    const auto feeds = std::count(from, to, '\n');
    const auto breaks = feeds > 0 ? feeds : std::count(from, to, '\r');
    line_ += static_cast<std::uint64_t>(breaks);
}

}  // namespace winback::ingest
