// winback_segments: writes the made-up base for databases, or counts segments over it in memory.
//
//   winback_segments csv FOLDER      customers.csv and events.csv, as codes
//   winback_segments count FILE      the questions of FILE, one line of JSON for each
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base.h"
#include "shards.h"

namespace winback::segments {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

int fail(const std::string& message) {
    fmt::print(stderr, "winback_segments: {}\n", message);
    return 1;
}

int write_csv(const BaseOptions& options, const std::string& folder) {
    std::FILE* customers = std::fopen((folder + "/customers.csv").c_str(), "wb");
    std::FILE* events = std::fopen((folder + "/events.csv").c_str(), "wb");
    if (customers == nullptr || events == nullptr) {
        return fail("cannot write to '" + folder + "'");
    }
    // Events as they arrive: in the order of time over all customers, within blocks of a day.
    struct Arrival {
        std::uint32_t customer;
        Row row;
    };
    std::vector<std::vector<Arrival>> by_day(static_cast<std::size_t>(options.days) + 2);
    const std::int64_t begin = options.until.ms - std::int64_t{options.days + 1} * 86'400'000;
    for (std::uint32_t n = 0; n < options.customers; ++n) {
        const Person person = person_of(options, n);
        fmt::print(customers, "{},{},{}\n", n, person.country, person.plan);
        for (const Row& row : person.rows) {
            const auto day = static_cast<std::size_t>((row.time.ms - begin) / 86'400'000);
            by_day[std::min(day, by_day.size() - 1)].push_back({n, row});
        }
    }
    std::uint64_t count = 0;
    for (std::vector<Arrival>& day : by_day) {
        std::sort(day.begin(), day.end(), [](const Arrival& a, const Arrival& b) {
            return a.row.time != b.row.time ? a.row.time < b.row.time : a.customer < b.customer;
        });
        std::string text;
        for (const auto& [customer, row] : day) {
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{}\n", customer, row.name,
                           row.time.ms, row.total, row.category, row.machine ? 1 : 0);
        }
        std::fwrite(text.data(), 1, text.size(), events);
        count += day.size();
        day = {};
    }
    const bool written = std::fclose(customers) == 0 && std::fclose(events) == 0;
    fmt::print("{}\n", json{{"customers", options.customers}, {"events", count}}.dump());
    return written ? 0 : fail("the disk is full");
}

double median(const std::vector<Shards::Time>& times, double Shards::Time::*which) {
    std::vector<double> list;
    for (const Shards::Time& time : times) {
        list.push_back(time.*which);
    }
    std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2),
                     list.end());
    return list[list.size() / 2];
}

int count_all(const BaseOptions& options,
              const std::string& file,
              unsigned threads,
              int rounds,
              double arriving) {
    std::ifstream in(file);
    const json list = json::parse(in, nullptr, false);
    if (list.is_discarded() || !list.contains("questions")) {
        return fail("'" + file + "' is no list of questions");
    }
    expr::Schema schema;
    schema.other_traits = true;
    std::vector<Question> questions;
    customer::FieldPlan plan = customer::builtin_fields();
    for (const json& one : list["questions"]) {
        Question question{.name = one["name"], .symbols = {}, .condition = {}};
        const std::string text = one["condition"];
        expr::Compiled compiled = expr::compile(text, schema, question.symbols);
        for (const Diagnostic& diagnostic : compiled.diagnostics) {
            fmt::print(stderr, "{}", render(diagnostic, text));
        }
        if (!compiled.condition) {
            return fail("'" + question.name + "' has mistakes");
        }
        question.condition = *std::move(compiled.condition);
        plan = customer::merge(plan, {.sets = question.symbols.event_sets});
        questions.push_back(std::move(question));
    }
    Shards base(options, threads);
    const auto start = Clock::now();
    base.load(plan);
    const double loaded = std::chrono::duration<double>(Clock::now() - start).count();
    json parts;
    std::size_t bytes = 0;
    for (const customer::MemoryPart& part : base.memory_parts()) {
        parts[std::string(part.name)] = part.bytes;
        bytes += part.bytes;
    }
    fmt::print("{}\n", json{{"load_seconds", loaded}, {"bytes", bytes}, {"parts", parts}}.dump());
    if (arriving > 0) {
        base.let_arrive(arriving, questions);
    }
    for (const Question& question : questions) {
        std::vector<Shards::Time> times(static_cast<std::size_t>(rounds));
        std::vector<Shards::Time> reading(times.size());
        const std::size_t columns = base.column_bytes(question);
        const std::uint64_t arrived = base.arrived();
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < times.size(); ++i) {
            found = base.count(question, times[i]);
            reading[i] = base.read_memory(columns);
        }
        const json line{{"name", question.name},
                        {"count", found},
                        {"seconds", median(times, &Shards::Time::seconds)},
                        {"cpu_seconds", median(times, &Shards::Time::cpu)},
                        {"arrived", base.arrived() - arrived},
                        {"column_bytes", columns},
                        {"reading_cpu_seconds", median(reading, &Shards::Time::cpu)}};
        fmt::print("{}\n", line.dump());
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace winback::segments

int main(int argc, char** argv) {
    using namespace winback::segments;
    CLI::App app("A made-up base of customers, for counting segments");
    BaseOptions options;
    unsigned threads = 2;
    int rounds = 5;
    double arriving = 0;
    std::string until = "2026-02-15T12:00:00Z";
    std::string folder;
    std::string file;
    app.add_option("--customers", options.customers)->check(CLI::Range(1, 10'000'000));
    app.add_option("--events-each", options.events_each)->check(CLI::Range(1, 1000));
    app.add_option("--seed", options.seed);
    app.add_option("--until", until, "now, as ISO 8601");
    app.add_option("--threads", threads)->check(CLI::Range(1, 64));
    app.add_option("--arriving", arriving, "events a second while segments are counted")
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--rounds", rounds)->check(CLI::Range(1, 100));
    CLI::App* csv = app.add_subcommand("csv");
    csv->add_option("folder", folder)->required()->check(CLI::ExistingDirectory);
    CLI::App* count = app.add_subcommand("count");
    count->add_option("file", file)->required()->check(CLI::ExistingFile);
    app.require_subcommand(1);
    CLI11_PARSE(app, argc, argv);
    const auto moment = winback::parse_iso8601(until);
    if (!moment) {
        return fail("--until: " + moment.error().message);
    }
    options.until = *moment;
    return csv->parsed() ? write_csv(options, folder)
                         : count_all(options, file, threads, rounds, arriving);
}
