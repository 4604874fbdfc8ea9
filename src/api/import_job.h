// One import as its parts share it. Private to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/imports.h"
#include "base/time.h"
#include "ingest/guess.h"

namespace winback::api {

// "ready" (uploaded), "waiting", "running", "fitting", "done", "failed", "cancelled",
// "interrupted".
struct Imports::Job {
    std::int64_t id = 0;
    std::string name;
    std::string by;
    std::uint64_t bytes = 0;
    std::string state = "ready";
    Timestamp created;
    Timestamp ended;
    ingest::Guess guess;
    ingest::ImportPlan plan;
    std::string mapping;      // Written by hand; empty: mapping_text(plan).
    ValueMap used;            // The plan as it was started last; empty: never.
    std::string remembered;   // The file whose plan this one begins with.
    bool confirmed = false;   // Somebody has looked at the plan and saved it.
    std::uint64_t print = 0;  // Of the bytes of a file of customers; 0: not asked.
    ValueMap result;          // Of the last run.
    ValueMap fit;
    std::string error;

    std::atomic<bool> cancelled{false};
    std::atomic<std::uint64_t> bytes_read{0};
    std::atomic<std::uint64_t> rows{0};
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::int64_t> started_ms{0};  // Wall clock.

    bool is_open() const {
        return state == "ready" || state == "failed" || state == "cancelled" ||
               state == "interrupted";
    }
    bool is_busy() const { return state == "waiting" || state == "running" || state == "fitting"; }
    std::string mapping_in_use() const {
        return mapping.empty() ? ingest::mapping_text(plan) : mapping;
    }
};

// Tells files with other bytes apart. 0 when it cannot be read.
std::uint64_t print_of_file(const std::string& path);

}  // namespace winback::api
