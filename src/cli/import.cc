#include "ingest/import.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "host/feeder.h"

namespace winback::cli {
namespace {

constexpr int batches_in_flight_max = 8;

Result<ingest::Mapping> read_map(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error{ErrorCode::NotFound, "cannot read the mapping '" + path + "'"};
    }
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    ingest::MappingRead read = ingest::read_mapping(text, path);
    for (const Diagnostic& diagnostic : read.diagnostics) {
        fmt::print(stderr, "{}", winback::render(diagnostic, text));
    }
    if (has_errors(read.diagnostics)) {
        return Error{ErrorCode::InvalidArgument,
                     "the mapping '" + path + "' has mistakes; nothing was imported"};
    }
    return std::move(read.mapping);
}

ValueMap counts_of(const std::map<std::string, std::uint64_t>& counts) {
    ValueMap map;
    for (const auto& [reason, count] : counts) {
        map.set(reason, static_cast<std::int64_t>(count));
    }
    return map;
}

void print_counts(std::string_view what, const std::map<std::string, std::uint64_t>& counts) {
    for (const auto& [reason, count] : counts) {
        fmt::print("  {:>9} {}: {}\n", thousands(count), what, reason);
    }
}

void print_result(const ImportArguments& arguments,
                  const ingest::ImportResult& result,
                  std::uint64_t duplicates,
                  const std::string& rejects) {
    if (arguments.json) {
        ValueMap map;
        map.set("lines", static_cast<std::int64_t>(result.rows));
        map.set("taken", static_cast<std::int64_t>(result.taken));
        map.set("events", static_cast<std::int64_t>(result.events));
        map.set("new_events",
                static_cast<std::int64_t>(result.refused ? 0 : result.events - duplicates));
        map.set("customers", static_cast<std::int64_t>(result.customers));
        map.set("skipped", counts_of(result.skipped));
        map.set("rejected", counts_of(result.rejected));
        map.set("refused", result.refused);
        fmt::print("{}\n", to_json(map));
        return;
    }
    if (result.refused) {
        fmt::print("{} lines, {} of them good; nothing was imported\n", thousands(result.rows),
                   thousands(result.taken));
    } else {
        fmt::print("{} lines, {} taken: {} events of {} customers, {} new\n",
                   thousands(result.rows), thousands(result.taken), thousands(result.events),
                   thousands(result.customers), thousands(result.events - duplicates));
    }
    print_counts("skipped", result.skipped);
    print_counts("rejected", result.rejected);
    if (result.rejected_count() > 0) {
        fmt::print("  rejected lines with their reasons: {}\n", rejects);
    }
}

}  // namespace

int run_import(const ImportArguments& arguments) {
    auto mapping = read_map(arguments.map);
    if (!mapping.has_value()) {
        return fail(mapping.error());
    }
    if (!std::ifstream(arguments.file)) {
        return fail(
            {ErrorCode::NotFound, "cannot read '" + arguments.file + "': " + std::strerror(errno)});
    }
    auto opened = host::Host::open(folder_options(arguments.data, true));
    if (!opened.has_value()) {
        return fail(opened.error());
    }
    host::Host& host = **opened;
    const std::uint64_t duplicates_before = host.health().duplicates;
    const std::string rejects =
        arguments.rejects.empty() ? arguments.data + "/rejects.csv" : arguments.rejects;
    host::Feeder feeder(host, batches_in_flight_max);
    Progress progress("import", arguments.json);
    ingest::ImportSinks sinks;
    sinks.event = [&](event::Event event) { return feeder.add(std::move(event)); };
    sinks.progress = [&](const ingest::ImportProgress& p) {
        progress.update(p.bytes_read, p.bytes_total, p.rows,
                        p.checking ? "lines checked" : "lines");
    };
    auto result = ingest::run_import(arguments.file, *mapping,
                                     {.strict = arguments.strict, .rejects_path = rejects}, sinks);
    const Status fed = feeder.finish();
    progress.finish();
    if (!result.has_value()) {
        return fail(result.error());
    }
    if (!fed.has_value()) {
        return fail(fed.error());
    }
    if (!result->mistakes.empty()) {
        for (const Diagnostic& mistake : result->mistakes) {
            fmt::print(stderr, "{}", winback::render(mistake, ""));
        }
        return fail({ErrorCode::InvalidArgument,
                     "the mapping does not fit the file's header; nothing was imported"});
    }
    host.run_until_idle();
    const std::uint64_t duplicates = host.health().duplicates - duplicates_before;
    if (const Status closed = host.close(); !closed.has_value()) {
        return fail(closed.error());
    }
    print_result(arguments, *result, duplicates, rejects);
    if (result->refused) {
        return fail({ErrorCode::InvalidArgument,
                     "--strict: lines were rejected, so nothing was imported; see " + rejects});
    }
    return exit_ok;
}

}  // namespace winback::cli
