// An import under way: the rows of the file to the host, then the fit.
#include <filesystem>
#include <string>
#include <utility>

#include "api/access.h"
#include "api/import_job.h"
#include "api/imports.h"
#include "host/feeder.h"
#include "host/fitting.h"
#include "host/host.h"
#include "host/outbound.h"
#include "ingest/import.h"

namespace winback::api {
namespace {

constexpr int batches_in_flight_max = 2;

ValueMap counts_of(const std::map<std::string, std::uint64_t>& counts) {
    ValueMap map;
    for (const auto& [reason, count] : counts) {
        map.set(reason, static_cast<std::int64_t>(count));
    }
    return map;
}

ValueMap result_value(const ingest::ImportResult& result, std::uint64_t duplicates) {
    ValueMap map;
    map.set("rows", static_cast<std::int64_t>(result.rows));
    map.set("taken", static_cast<std::int64_t>(result.taken));
    map.set("events", static_cast<std::int64_t>(result.events));
    // Repeats of clients count among the duplicates, too: never below zero.
    map.set("new_events",
            static_cast<std::int64_t>(result.events - std::min(result.events, duplicates)));
    map.set("customers", static_cast<std::int64_t>(result.customers));
    map.set("skipped_count", static_cast<std::int64_t>(result.skipped_count()));
    map.set("rejected_count", static_cast<std::int64_t>(result.rejected_count()));
    map.set("skipped", counts_of(result.skipped));
    map.set("rejected", counts_of(result.rejected));
    return map;
}

}  // namespace

void Imports::run_waiting() {
    for (;;) {
        JobPtr job;
        {
            std::unique_lock lock(mutex_);
            const auto next = [this] {
                for (const auto& [id, candidate] : jobs_) {
                    if (candidate->state == "waiting") {
                        return candidate;
                    }
                }
                return JobPtr();
            };
            changed_.wait(lock, [&] { return stopping_ || next() != nullptr; });
            if (stopping_) {
                return;
            }
            job = next();
        }
        run(*job);
    }
}

void Imports::run(Job& job) {
    {
        const std::lock_guard lock(mutex_);
        job.state = "running";
        job.started_ms = wall_clock().ms;
        job.bytes_read = 0;
        job.rows = 0;
        job.events = 0;
        job.fit = ValueMap();
        save();
    }
    import(job);
    bool fits = false;
    {
        const std::lock_guard lock(mutex_);
        fits = job.state == "fitting";
    }
    if (fits) {
        fit(job);
    }
    if (options_.ended) {
        options_.ended();
    }
    announce(job);
    if (options_.log) {
        options_.log("import " + std::to_string(job.id) + ": " + job.state);
    }
}

void Imports::import(Job& job) {
    host::Host& host = desk_.host();
    const ingest::MappingRead read = ingest::read_mapping(job.mapping_in_use(), "mapping");
    const std::uint64_t duplicates_before = host.health().duplicates;
    host::Feeder feeder(host, batches_in_flight_max);
    ingest::ImportSinks sinks;
    sinks.event = [&](event::Event event) -> Status {
        bool ends = job.cancelled;
        if (job.events.fetch_add(1) % host::Feeder::batch_events == 0) {
            const std::lock_guard lock(mutex_);
            ends = ends || stopping_;
        }
        return ends ? Status(Error{ErrorCode::Unavailable, "ended"}) : feeder.add(std::move(event));
    };
    sinks.progress = [&](const ingest::ImportProgress& progress) {
        job.bytes_read = progress.bytes_read;
        job.rows = progress.rows;
    };
    const auto result = ingest::run_import(path_of(job, ".upload"), read.mapping,
                                           {.rejects_path = path_of(job, ".rejects.csv")}, sinks);
    const Status fed = feeder.finish();
    const std::uint64_t duplicates = host.health().duplicates - duplicates_before;

    const std::lock_guard lock(mutex_);
    job.ended = wall_clock();
    if (job.cancelled || stopping_) {
        job.state = job.cancelled ? "cancelled" : "interrupted";
    } else if (!result || !fed.has_value()) {
        job.state = "failed";
        job.error = result ? fed.error().message : result.error().message;
    } else if (!result->mistakes.empty()) {
        job.state = "failed";
        job.error = result->mistakes.front().message;
    } else {
        job.result = result_value(*result, duplicates);
        job.state = "fitting";
        std::error_code ignored;
        // What it said is in the base; a copy of it would be one more place to guard.
        std::filesystem::remove(path_of(job, ".upload"), ignored);
        if (result->rejected_count() == 0) {
            std::filesystem::remove(path_of(job, ".rejects.csv"), ignored);
        }
    }
    save();
}

// One that was cancelled or interrupted has not finished: it may be started again.
void Imports::announce(const Job& job) {
    if (options_.outbound == nullptr) {
        return;
    }
    ValueMap data;
    {
        const std::lock_guard lock(mutex_);
        if (job.state != "done" && job.state != "failed") {
            return;
        }
        data.set("import", std::to_string(job.id));
        data.set("state", job.state);
        for (const char* name : {"events", "new_events", "customers", "rejected_count"}) {
            const Value* count = job.state == "done" ? job.result.find(name) : nullptr;
            if (count != nullptr) {
                data.set(name, *count);
            }
        }
    }
    options_.outbound->announce("import.finished", std::move(data));
}

// Too few orders, or too few that repeat: then there is no model, and the page says why.
void Imports::fit(Job& job) {
    host::Host& host = desk_.host();
    ValueMap fit;
    const host::OrderList orders = host::orders_of(host);
    const Status fitted = host::refit(host, orders, orders.last_day, "import");
    const auto models = host.models();
    if (fitted.has_value() && models.has_value()) {
        fit.set("customers", static_cast<std::int64_t>(models->customers));
        fit.set("until", models->fitted_until);
    }
    fit.set("problem", fitted.has_value() ? "" : fitted.error().message);
    const std::lock_guard lock(mutex_);
    job.fit = std::move(fit);
    job.state = "done";
    job.ended = wall_clock();
    save();
}

}  // namespace winback::api
