// Imports a file: plain or gzip, CSV by a mapping, or lines of Segment events.
//
// Streaming, in constant memory. Every line that is not taken is written to the rejects file
// with its number and the reason. The same file gives the same events, ids and times.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/event.h"
#include "ingest/mapping.h"
#include "ingest/row_mapper.h"

namespace winback::ingest {

constexpr std::size_t jsonl_line_bytes_max = 64 * 1024;

struct ImportOptions {
    bool strict = false;         // A pass of checking first; one rejected line refuses the file.
    std::string rejects_path;    // Empty: rejected lines are only counted.
    std::uint64_t rows_max = 0;  // Stop after as many, for previews; 0: all.
};

struct ImportProgress {
    bool checking = false;  // The first pass of a strict import.
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_total = 0;  // On disk, packed or not.
    std::uint64_t rows = 0;
};

struct ImportSinks {
    EventSink event;                                      // A failure ends the import with it.
    std::function<void(const ImportProgress&)> progress;  // May be empty.
    // Each record of a CSV file as it was read, with what became of it. May be empty.
    std::function<void(const CsvRecord&, RowOutcome, const RowFault&)> row = {};
};

struct ImportResult {
    // Not empty when the mapping does not fit the file's header; then nothing was read.
    Diagnostics mistakes;
    bool stopped = false;    // At rows_max; the file has more.
    bool refused = false;    // Strict, and lines were rejected: no event was given out.
    std::uint64_t rows = 0;  // Records of the file without its header.
    std::uint64_t taken = 0;
    std::uint64_t events = 0;
    std::uint64_t customers = 0;
    std::map<std::string, std::uint64_t> skipped;   // By reason: not wanted by the mapping.
    std::map<std::string, std::uint64_t> rejected;  // By reason: mistakes in the file.

    std::uint64_t skipped_count() const;
    std::uint64_t rejected_count() const;
};

// Fails when the file cannot be read, the rejects cannot be written or a sink fails.
Result<ImportResult> run_import(const std::string& path,
                                const Mapping& mapping,
                                const ImportOptions& options,
                                const ImportSinks& sinks);

}  // namespace winback::ingest
