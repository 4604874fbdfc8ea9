#include "ingest/import.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "event/decode.h"
#include "ingest/csv.h"
#include "ingest/encoding.h"
#include "ingest/rejects.h"
#include "ingest/source.h"

namespace winback::ingest {
namespace {

constexpr std::uint64_t rows_between_progress = 4096;

// Lines of a stream without their ends; a line that is too long is cut and marked.
class LineReader {
public:
    explicit LineReader(Source& source) : source_(source) {}

    // False at the end.
    Result<bool> next(std::string& line, bool& too_long) {
        line.clear();
        too_long = false;
        for (;;) {
            const std::size_t end = buffer_.find('\n', pos_);
            const std::size_t stop = end == std::string::npos ? buffer_.size() : end;
            const std::size_t room =
                jsonl_line_bytes_max - std::min(jsonl_line_bytes_max, line.size());
            too_long = too_long || stop - pos_ > room;
            line.append(buffer_, pos_, std::min(stop - pos_, room));
            pos_ = stop;
            if (end != std::string::npos) {
                ++pos_;
                return true;
            }
            buffer_.resize(chunk_bytes);
            const auto got = source_.read(buffer_.data(), buffer_.size());
            buffer_.resize(got ? *got : 0);
            pos_ = 0;
            if (!got) {
                return got.error();
            }
            if (*got == 0) {
                return !line.empty();
            }
        }
    }

private:
    static constexpr std::size_t chunk_bytes = 64 * 1024;
    Source& source_;
    std::string buffer_;
    std::size_t pos_ = 0;
};

// One pass over the file.
class Pass {
public:
    Pass(const Mapping& mapping,
         const ImportOptions& options,
         const ImportSinks& sinks,
         bool checking,
         Source& source)
        : mapping_(mapping),
          options_(options),
          sinks_(sinks),
          checking_(checking),
          source_(source) {}

    Status run(Rejects& rejects) {
        const Status done =
            mapping_.format == FileFormat::Csv ? run_csv(rejects) : run_jsonl(rejects);
        report_progress();
        return done;
    }

    ImportResult result;

private:
    Status give(event::Event&& event) {
        return checking_ ? Status(Ok{}) : sinks_.event(std::move(event));
    }

    void report_progress() {
        if (sinks_.progress) {
            sinks_.progress({.checking = checking_,
                             .bytes_read = source_.bytes_read(),
                             .bytes_total = source_.bytes_total(),
                             .rows = result.rows});
        }
    }

    void count_row() {
        ++result.rows;
        if (result.rows % rows_between_progress == 0) {
            report_progress();
        }
    }

    // Reads the names of the columns and finds the mapping's among them.
    Status read_header(CsvReader& reader, std::vector<std::size_t>& places) {
        header_ = mapping_.header;
        CsvRecord record;
        if (header_.empty()) {
            WINBACK_TRY(const bool any, reader.next(record));
            convert_record(mapping_.encoding, record);
            if (!any || record.fault != CsvFault::None || !is_utf8(record)) {
                return Error{ErrorCode::InvalidArgument,
                             "the file has no header line that can be read"};
            }
            for (std::size_t i = 0; i < record.size(); ++i) {
                header_.emplace_back(trim(record[i]));
            }
        }
        places = bind_columns(mapping_, header_, result.mistakes);
        return Ok{};
    }

    Status run_csv(Rejects& rejects) {
        ReadBytes read = [this](char* buffer, std::size_t size) {
            return source_.read(buffer, size);
        };
        Utf16Reader utf16(read);
        if (mapping_.encoding == Encoding::Utf16) {
            read = [&utf16](char* buffer, std::size_t size) { return utf16.read(buffer, size); };
        }
        CsvReader reader(read, {.delimiter = mapping_.delimiter});
        std::vector<std::size_t> places;
        WINBACK_TRY([[maybe_unused]] const Ok header, read_header(reader, places));
        if (!result.mistakes.empty()) {
            return Ok{};
        }
        rejects.write_header(header_);
        RowMapper mapper(mapping_, std::move(places),
                         [this](event::Event&& event) { return give(std::move(event)); });
        CsvRecord record;
        for (;;) {
            WINBACK_TRY(const bool more, reader.next(record));
            if (!more) {
                break;
            }
            if (options_.rows_max != 0 && result.rows >= options_.rows_max) {
                result.stopped = true;
                break;
            }
            count_row();
            WINBACK_TRY([[maybe_unused]] const Ok taken, take_record(record, mapper, rejects));
        }
        WINBACK_TRY([[maybe_unused]] const Ok finished, mapper.finish());
        result.events = mapper.events();
        result.customers = mapper.customers();
        return Ok{};
    }

    Status take_record(CsvRecord& record, RowMapper& mapper, Rejects& rejects) {
        RowFault why;
        RowOutcome outcome = RowOutcome::Rejected;
        convert_record(mapping_.encoding, record);
        if (record.fault != CsvFault::None) {
            why = {std::string(csv_fault_code(record.fault)),
                   std::string(csv_fault_message(record.fault))};
        } else if (record.size() != header_.size()) {
            why = {"wrong_field_count", "the row has " + std::to_string(record.size()) +
                                            " fields, the header " +
                                            std::to_string(header_.size())};
        } else if (!is_utf8(record)) {
            why = {"invalid_utf8", "the row is not UTF-8; is 'encoding: windows-1252' meant?"};
        } else {
            WINBACK_TRY(outcome, mapper.add(record, why));
        }
        if (outcome == RowOutcome::Taken) {
            ++result.taken;
        } else if (outcome == RowOutcome::Skipped) {
            ++result.skipped[why.code];
        } else {
            ++result.rejected[why.code];
            rejects.write_row(record, why);
        }
        if (sinks_.row) {
            sinks_.row(record, outcome, why);
        }
        return Ok{};
    }

    Status run_jsonl(Rejects& rejects) {
        LineReader reader(source_);
        event::Decoder decoder;
        std::unordered_set<std::uint64_t> customers;
        std::string line;
        bool too_long = false;
        for (std::uint64_t number = 1;; ++number) {
            WINBACK_TRY(const bool more, reader.next(line, too_long));
            if (!more) {
                break;
            }
            if (trim(line).empty()) {
                continue;
            }
            if (options_.rows_max != 0 && result.rows >= options_.rows_max) {
                result.stopped = true;
                break;
            }
            count_row();
            RowFault why{"line_too_long", "the line is longer than 65536 bytes"};
            event::Event event;
            if (too_long || !decode_line(decoder, line, event, why)) {
                ++result.rejected[why.code];
                rejects.write_line(number, line, why);
                continue;
            }
            ++result.taken;
            ++result.events;
            if (customers.size() < seen_max) {
                customers.insert(hash64(customer_key(event)));
            }
            WINBACK_TRY([[maybe_unused]] const Ok given, give(std::move(event)));
        }
        result.customers = customers.size();
        return Ok{};
    }

    static bool decode_line(event::Decoder& decoder,
                            std::string_view line,
                            event::Event& event,
                            RowFault& why) {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (line.starts_with(byte_order_mark)) {
            line.remove_prefix(byte_order_mark.size());
        }
        auto decoded = decoder.decode("{\"batch\":[" + std::string(line) + "]}",
                                      {.received = {}, .call = {.batch = true}, .stored = true});
        if (!decoded) {
            const bool large = decoded.error().code == ErrorCode::LimitExceeded;
            why = {large ? "event_too_large" : "not_json", decoded.error().message};
            return false;
        }
        if (!decoded->rejected.empty()) {
            why = {decoded->rejected[0].code, decoded->rejected[0].message};
            return false;
        }
        if (decoded->events.size() != 1) {
            why = {"not_json", "the line is not one JSON object"};
            return false;
        }
        event = std::move(decoded->events[0]);
        return true;
    }

    const Mapping& mapping_;
    const ImportOptions& options_;
    const ImportSinks& sinks_;
    const bool checking_;
    Source& source_;
    std::vector<std::string> header_;
};

std::uint64_t total(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : counts) {
        sum += count;
    }
    return sum;
}

Result<ImportResult> run_pass(const std::string& path,
                              const Mapping& mapping,
                              const ImportOptions& options,
                              bool checking,
                              const ImportSinks& sinks) {
    WINBACK_TRY(Source source, Source::open(path));
    WINBACK_TRY(Rejects rejects, Rejects::open(options.rejects_path));
    Pass pass(mapping, options, sinks, checking, source);
    WINBACK_TRY([[maybe_unused]] const Ok done, pass.run(rejects));
    WINBACK_TRY([[maybe_unused]] const Ok closed, rejects.close());
    return std::move(pass.result);
}

}  // namespace

std::uint64_t ImportResult::skipped_count() const {
    return total(skipped);
}

std::uint64_t ImportResult::rejected_count() const {
    return total(rejected);
}

Result<ImportResult> run_import(const std::string& path,
                                const Mapping& mapping,
                                const ImportOptions& options,
                                const ImportSinks& sinks) {
    if (options.strict) {
        WINBACK_TRY(ImportResult checked, run_pass(path, mapping, options, true, sinks));
        if (!checked.mistakes.empty() || checked.rejected_count() > 0) {
            checked.refused = true;
            return checked;
        }
    }
    return run_pass(path, mapping, options, false, sinks);
}

}  // namespace winback::ingest
