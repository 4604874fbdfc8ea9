#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "api/imports.h"
#include "api/playbook.h"
#include "base/strings.h"
#include "event/names.h"
#include "ingest/import.h"

namespace winback::api {
namespace {

constexpr std::size_t cells_max = 40;
constexpr std::size_t cell_bytes_max = 80;
constexpr std::size_t events_max = 20;
constexpr std::size_t faults_max = 20;
constexpr std::size_t currencies_max = 10;

std::string_view outcome_name(ingest::RowOutcome outcome) {
    return outcome == ingest::RowOutcome::Taken     ? "taken"
           : outcome == ingest::RowOutcome::Skipped ? "skipped"
                                                    : "rejected";
}

ValueMap event_value(const event::Event& event) {
    ValueMap map;
    map.set("name", event.name);
    map.set("customer", std::string(customer_key(event)));
    map.set("time", event.time);
    for (const char* key : {"order_id", "revenue", "currency", "email", "name", "first_name",
                            "last_name", "phone", "country"}) {
        if (const Value* value = event.properties.find(key)) {
            map.set(key == std::string_view("name") ? "full_name" : key, *value);
        }
    }
    const Value* products = event.properties.find("products");
    const ValueList* list = products == nullptr ? nullptr : products->as_list();
    map.set("products", static_cast<std::int64_t>(list == nullptr ? 0 : list->size()));
    const Value* consent = event.properties.find("consent");
    const ValueMap* channels = consent == nullptr ? nullptr : consent->as_map();
    const Value* email = channels == nullptr ? nullptr : channels->find("email");
    if (email != nullptr && email->as_map() != nullptr) {
        map.set("consent", *email->as_map()->find("state"));
    }
    return map;
}

ValueMap counts_of(const std::map<std::string, std::uint64_t>& counts) {
    ValueMap map;
    for (const auto& [reason, count] : counts) {
        map.set(reason, static_cast<std::int64_t>(count));
    }
    return map;
}

struct Preview {
    ValueList rows;
    ValueList events;
    ValueList faults;
    std::set<std::string, std::less<>> currencies;

    void add_row(const ingest::CsvRecord& record,
                 ingest::RowOutcome outcome,
                 const ingest::RowFault& why) {
        const bool taken = outcome == ingest::RowOutcome::Taken;
        if (rows.size() < preview_rows) {
            ValueList cells;
            for (std::size_t i = 0; i < std::min(record.size(), cells_max); ++i) {
                cells.emplace_back(cell_text(record[i]));
            }
            ValueMap row;
            row.set("line", static_cast<std::int64_t>(record.line));
            row.set("cells", std::move(cells));
            row.set("outcome", outcome_name(outcome));
            row.set("reason", taken ? "" : why.code);
            rows.emplace_back(std::move(row));
        }
        if (outcome == ingest::RowOutcome::Rejected && faults.size() < faults_max) {
            ValueMap fault;
            fault.set("line", static_cast<std::int64_t>(record.line));
            fault.set("reason", why.code);
            fault.set("message", why.message);
            fault.set("column", why.column);
            fault.set("cell", why.cell);
            faults.emplace_back(std::move(fault));
        }
    }
    Status add_event(const event::Event& event) {
        const Value* currency = event.properties.find("currency");
        if (currency != nullptr && currency->as_string() != nullptr &&
            currencies.size() < currencies_max) {
            currencies.insert(*currency->as_string());
        }
        if (events.size() < events_max) {
            events.emplace_back(event_value(event));
        }
        return Ok{};
    }
};

}  // namespace

std::string cell_text(std::string_view cell) {
    if (!is_valid_utf8(cell)) {
        return "?";
    }
    std::size_t size = std::min(cell.size(), cell_bytes_max);
    while (size < cell.size() && size > 0 && (cell[size] & 0xC0) == 0x80) {
        --size;
    }
    return std::string(cell.substr(0, size)) + (size < cell.size() ? "…" : "");
}

Result<ValueMap> preview_of(const std::string& path, const std::string& mapping) {
    const ingest::MappingRead read = ingest::read_mapping(mapping, "mapping");
    ValueMap map;
    Preview preview;
    Diagnostics mistakes = read.diagnostics;
    ingest::ImportResult result;
    if (!has_errors(mistakes)) {
        ingest::ImportSinks sinks;
        sinks.event = [&](event::Event&& event) { return preview.add_event(event); };
        sinks.row = [&](const ingest::CsvRecord& record, ingest::RowOutcome outcome,
                        const ingest::RowFault& why) { preview.add_row(record, outcome, why); };
        WINBACK_TRY(result, ingest::run_import(path, read.mapping,
                                               {.rows_max = preview_rows_checked}, sinks));
        mistakes.insert(mistakes.end(), result.mistakes.begin(), result.mistakes.end());
    }
    map.set("rows", std::move(preview.rows));
    map.set("events", std::move(preview.events));
    map.set("faults", std::move(preview.faults));
    map.set("currencies", ValueList(preview.currencies.begin(), preview.currencies.end()));
    map.set("mistakes", diagnostics_value(mistakes));
    map.set("checked", static_cast<std::int64_t>(result.rows));
    map.set("whole", !result.stopped);
    map.set("taken", static_cast<std::int64_t>(result.taken));
    map.set("customers", static_cast<std::int64_t>(result.customers));
    map.set("events_count", static_cast<std::int64_t>(result.events));
    map.set("skipped", counts_of(result.skipped));
    map.set("rejected", counts_of(result.rejected));
    return map;
}

}  // namespace winback::api
