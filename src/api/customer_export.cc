#include "api/customer_export.h"

#include <algorithm>
#include <memory>
#include <span>

#include "api/access.h"
#include "api/audit.h"
#include "api/customers.h"
#include "api/segment_course.h"
#include "api/still_may.h"
#include "host/host.h"
#include "host/segment_days.h"
#include "http/stream.h"
#include "ingest/csv_writer.h"

namespace winback::api {
namespace {

constexpr std::size_t rows_per_piece = 200;
constexpr std::size_t entries_per_piece = 100;
constexpr std::size_t entries_read_max = 20'000;  // Of one timeline, in memory at once.

// Times as ISO 8601, lists with semicolons, maps as JSON.
std::string cell_of(const Value& value) {
    if (value.is_null()) {
        return {};
    }
    if (const std::string* text = value.as_string()) {
        return *text;
    }
    if (const ValueList* list = value.as_list()) {
        std::string all;
        for (const Value& item : *list) {
            all += (all.empty() ? "" : "; ") + cell_of(item);
        }
        return all;
    }
    std::string json = to_json(value);
    const bool quoted = json.size() >= 2 && json.front() == '"' && json.back() == '"';
    return quoted ? json.substr(1, json.size() - 2) : json;
}

class CustomersFile {
public:
    CustomersFile(CustomerFilter filter, CustomerQuestion asked, bool bom)
        : asked_(std::move(asked)),
          columns_(filter.columns.empty() ? default_columns() : std::move(filter.columns)),
          bom_(bom) {
        if (!has("id")) {
            columns_.insert(columns_.begin(), "id");
        }
        // An amount says nothing without its currency, which may be the customer's own.
        const bool has_money = has("revenue") || has("value_at_risk") || has("expected_value");
        if (has_money && !has("currency")) {
            columns_.emplace_back("currency");
        }
    }

    // On a thread of the desk.
    http::Piece next(Desk& desk) {
        http::Piece piece;
        if (!begun_) {
            begun_ = true;
            piece.bytes = bom_ ? "\xef\xbb\xbf" : "";
            const std::vector<std::string_view> names(columns_.begin(), columns_.end());
            ingest::append_csv_row(piece.bytes, names);
        }
        while (next_ == people_.size()) {
            if (shards_begun_ == desk.host().shard_count()) {
                piece.last = true;
                return piece;
            }
            shard_ = static_cast<engine::ShardId>(shards_begun_++);
            people_ = desk.directory().all_of(shard_, asked_.question, asked_.segment,
                                              asked_.chosen.get());
            next_ = 0;
        }
        const std::size_t count = std::min(people_.size() - next_, rows_per_piece);
        const std::vector<Directory::Hit> some = desk.directory().rows_of(
            shard_, asked_.question, std::span(people_).subspan(next_, count));
        next_ += count;
        for (const ValueMap& row : customer_rows(desk, some, columns_)) {
            std::vector<std::string> cells;
            for (const std::string& column : columns_) {
                const Value* value = row.find(column);
                cells.push_back(value == nullptr ? std::string() : cell_of(*value));
            }
            ingest::append_csv_row(piece.bytes, {cells.begin(), cells.end()});
        }
        return piece;
    }

private:
    bool has(std::string_view column) const {
        return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
    }

    CustomerQuestion asked_;
    std::vector<std::string> columns_;
    bool bom_;
    bool begun_ = false;
    // Of one shard at a time it is known who fits, of 200 people what stands in their rows.
    std::size_t shards_begun_ = 0;
    engine::ShardId shard_ = 0;
    std::vector<customer::CustomerIndex> people_;
    std::size_t next_ = 0;
};

// A part of the timeline at a time: somebody may have a million events.
class CustomerFile {
public:
    CustomerFile(std::string id, ValueMap customer)
        : id_(std::move(id)), customer_(std::move(customer)) {}

    http::Piece next(Desk& desk) {
        http::Piece piece;
        if (!begun_) {
            piece.bytes = "{\"customer\":" + to_json(customer_) + ",\"timeline\":[";
        }
        if (next_ == entries_.size() && !read(desk)) {
            piece.failed = piece.last = true;
            return piece;
        }
        const std::size_t end = std::min(entries_.size(), next_ + entries_per_piece);
        for (; next_ < end; ++next_) {
            piece.bytes += begun_ ? ",\n" : "\n";
            begun_ = true;
            piece.bytes += to_json(timeline_value(entries_[next_], true));
        }
        if (entries_.empty()) {
            piece.bytes += "]}\n";
            piece.last = true;
        }
        return piece;
    }

private:
    // The next part; empty at the end. False when they cannot be read, or were erased meanwhile.
    bool read(Desk& desk) {
        Result<std::vector<host::TimelineEntry>> part =
            desk.host().timeline_from(id_, from_, told_, entries_read_max);
        if (!part) {
            return false;
        }
        entries_ = *std::move(part);
        next_ = 0;
        for (const host::TimelineEntry& entry : entries_) {
            told_ = entry.at == from_ ? told_ + 1 : 1;
            from_ = entry.at;
        }
        return true;
    }

    std::string id_;
    ValueMap customer_;
    bool begun_ = false;
    std::vector<host::TimelineEntry> entries_;
    std::size_t next_ = 0;
    Timestamp from_ = timestamp_min;  // Told up to here,
    std::size_t told_ = 0;            // and so many of this moment.
};

// Whoever may not have it any more does not get the rest, however slowly they read.
template <class File>
http::Response download(const std::shared_ptr<Desk>& desk,
                        const http::Request& request,
                        std::shared_ptr<File> file,
                        std::string_view type,
                        const std::string& name) {
    http::Response head;
    head.set("Content-Type", std::string(type));
    head.set("X-Content-Type-Options", "nosniff");
    head.set("Content-Disposition", "attachment; filename=\"" + name + "\"");
    head.set("Cache-Control", "no-store");
    return Desk::stream(
        desk, std::move(head), [file, may = still_may(*desk, request, "personal")](Desk& at) {
            return may() ? file->next(at) : http::Piece{.bytes = {}, .last = true, .failed = true};
        });
}

// "customers-lapsing-2026-11-26.csv": of a segment, on a day of the workspace.
std::string file_name(Desk& desk, const CustomerFilter& filter) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    std::string name = "customers-";
    name += filter.segment.empty() ? "" : filter.segment + "-";  // There is one of this id.
    return name + iso_day(host::local_day(zone, desk.host().now())) + ".csv";
}

// Without the words that somebody looked for.
ValueMap trail_of(const CustomerFilter& filter) {
    CustomerFilter plain = filter;
    plain.search.clear();
    plain.where.clear();
    ValueMap map;
    map.set("list", http::format_query(plain.address()));
    map.set("searched", !filter.search.empty());
    map.set("conditioned", !filter.where.empty());
    return map;
}

}  // namespace

http::Response export_customers(const std::shared_ptr<Desk>& desk, const http::Request& request) {
    const Result<CustomerFilter> filter = customer_filter_of(request);
    if (!filter) {
        return http::error(filter.error());
    }
    Result<CustomerQuestion> asked = customer_question(*desk, *filter);
    if (!asked) {
        return http::error(asked.error());
    }
    if (has_errors(asked->diagnostics)) {
        return http::error(400, "invalid_condition", asked->diagnostics.front().message);
    }
    if (asked->chosen != nullptr && asked->chosen->reading) {
        http::Response response = http::error(
            503, "reading", "the condition is read from the histories; ask again in a while");
        response.set("Retry-After", "1");
        return response;
    }
    if (asked->chosen != nullptr && !asked->chosen->whole()) {
        return http::error(503, "too_slow",
                           "this condition takes too long over everybody; make it a segment");
    }
    const std::string* bom = request.query_value("bom");
    const std::string name = file_name(*desk, *filter);
    record_change(
        *desk, request,
        {.what = "customers.export", .target = name, .before = {}, .after = trail_of(*filter)});
    return download(desk, request,
                    std::make_shared<CustomersFile>(*filter, *std::move(asked),
                                                    bom != nullptr && *bom == "true"),
                    "text/csv; charset=utf-8", name);
}

http::Response export_customer(const std::shared_ptr<Desk>& desk, const http::Request& request) {
    Result<ValueMap> customer = describe_customer(*desk, request.param("id"));
    if (!customer) {
        return http::error(customer.error());
    }
    const std::string id = *customer->find("id")->as_string();
    record_change(*desk, request,
                  {.what = "customer.export", .target = id, .before = {}, .after = {}});
    return download(desk, request, std::make_shared<CustomerFile>(id, *std::move(customer)),
                    "application/json", "customer.json");
}

}  // namespace winback::api
