#include "ingest/import.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/money.h"
#include "event/names.h"
#include "ingest/orders.h"

namespace winback::ingest {
namespace {

const std::string shops = "test/data/csv/shops/";

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string temporary(const std::string& name) {
    return (std::filesystem::temp_directory_path() /
            ("winback_import_test_" + std::to_string(getpid()) + "_" + name))
        .string();
}

Mapping mapping_of(const std::string& yaml) {
    auto read = read_mapping(yaml, "map.yaml");
    for (const Diagnostic& mistake : read.diagnostics) {
        ADD_FAILURE() << render(mistake, yaml);
    }
    return std::move(read.mapping);
}

struct Imported {
    ImportResult result;
    std::vector<event::Event> events;
};

Imported import(const std::string& path,
                const Mapping& mapping,
                const ImportOptions& options = {}) {
    Imported out;
    auto result = run_import(path, mapping, options,
                             {.event =
                                  [&out](event::Event&& event) {
                                      out.events.push_back(std::move(event));
                                      return Status(Ok{});
                                  },
                              .progress = {}});
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    if (result) {
        out.result = *result;
    }
    return out;
}

std::string summary(const Imported& imported) {
    std::string out;
    for (const event::Event& event : imported.events) {
        out += format_iso8601(event.time) + " " + customer_key(event) + " " + event.name + " " +
               to_json(event.properties) + "\n";
    }
    for (const auto& [reason, count] : imported.result.skipped) {
        out += "skipped " + reason + " " + std::to_string(count) + "\n";
    }
    for (const auto& [reason, count] : imported.result.rejected) {
        out += "rejected " + reason + " " + std::to_string(count) + "\n";
    }
    return out;
}

TEST(Import, TakesAnotherShopByItsMappingAlone) {
    const std::string rejects = temporary("german.csv");
    const Imported imported =
        import(shops + "german.csv", mapping_of(content(shops + "german.yaml")),
               {.rejects_path = rejects});
    EXPECT_EQ(
        summary(imported),
        "2024-02-03T13:05:00Z K7 Identified {\"email\":\"anna@example.test\",\"country\":\"DE\","
        "\"timezone\":\"Europe/Berlin\","
        "\"consent\":{\"email\":{\"state\":\"granted\",\"source\":\"checkout\"}}}\n"
        "2024-02-03T13:05:00Z K7 Order Completed {\"order_id\":\"B-1\",\"revenue\":2471.97,"
        "\"lines\":2,\"currency\":\"EUR\",\"products\":["
        "{\"name\":\"Tasse \\\"Blau\\\"\\u000d\\nmit Henkel\",\"quantity\":2,\"price\":1234.5},"
        "{\"name\":\"Löffel\",\"quantity\":3,\"price\":0.99}]}\n"
        "2024-03-30T23:00:00Z K8 Identified {\"email\":\"ben@example.test\",\"country\":\"AT\","
        "\"timezone\":\"Europe/Vienna\","
        "\"consent\":{\"email\":{\"state\":\"denied\",\"source\":\"checkout\"}}}\n"
        "2024-03-30T23:00:00Z K8 Order Completed {\"order_id\":\"B-3\",\"revenue\":10,"
        "\"lines\":1,\"currency\":\"EUR\",\"products\":["
        "{\"name\":\"Krug\",\"quantity\":1,\"price\":10}]}\n"
        "2024-02-10T09:00:00Z K7 Order Refunded {\"order_id\":\"B-1\",\"revenue\":1234.5,"
        "\"lines\":1,\"currency\":\"EUR\",\"products\":["
        "{\"name\":\"Tasse \\\"Blau\\\"\\u000d\\nmit Henkel\",\"quantity\":1,\"price\":1234.5}]}\n"
        "skipped no_customer 1\n"
        "skipped samples 1\n"
        "rejected bad_date 1\n"
        "rejected bad_number 1\n"
        "rejected text_after_quote 1\n"
        "rejected wrong_field_count 1\n");
    EXPECT_EQ(imported.result.rows, 10U);
    EXPECT_EQ(imported.result.taken, 4U);
    EXPECT_EQ(imported.result.customers, 2U);
    const std::string written = content(rejects);
    EXPECT_TRUE(written.starts_with(
        "winback_line,winback_reason,winback_message,Bestellnummer,Kunde,E-Mail,Newsletter,"));
    EXPECT_NE(written.find("\n10,bad_number,'zwei' is not a number (Menge),B-5,K9,"),
              std::string::npos)
        << written;
    EXPECT_NE(
        written.find("\n9,bad_date,'01.04.2024 25:00' is not a date in a form that the mapping "
                     "names (Datum),"),
        std::string::npos)
        << written;
    std::filesystem::remove(rejects);
}

// A field of an order is called as its mapping says, and a person knows the file's columns alone.
TEST(Import, NamesTheColumnOfACellThatCannotBeRead) {
    const Mapping mapping = mapping_of(
        "customer: \"{Kim}\"\ntime: {value: \"2024-01-01\"}\nevent: Order Completed\n"
        "properties:\n  revenue: {column: Tutar, type: money}\n  gift: {column: Hediye, type: "
        "boolean}\n");
    const std::string path = testing::TempDir() + "columns.csv";
    std::ofstream(path) << "Kim,Tutar,Hediye\na,on lira,no\nb,1,belki\n";
    std::vector<RowFault> faults;
    const auto result = run_import(
        path, mapping, {},
        {.event = [](event::Event&&) { return Status(Ok{}); },
         .progress = {},
         .row = [&](const CsvRecord&, RowOutcome, const RowFault& why) { faults.push_back(why); }});
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].message, "'on lira' is not a number (Tutar)");
    EXPECT_EQ(faults[0].column + "=" + faults[0].cell, "Tutar=on lira");
    EXPECT_EQ(faults[1].message, "'belki' is not yes or no (Hediye)");
    std::filesystem::remove(path);
}

TEST(Import, IsTheSameEveryTime) {
    const Mapping mapping = mapping_of(content(shops + "german.yaml"));
    const Imported first = import(shops + "german.csv", mapping);
    const Imported second = import(shops + "german.csv", mapping);
    EXPECT_EQ(first.events, second.events);
    std::set<std::string> ids;
    for (const event::Event& event : first.events) {
        EXPECT_TRUE(event.content_id);
        EXPECT_EQ(event.surface, event::Surface::Shop);
        ids.insert(event.message_id);
    }
    EXPECT_EQ(ids.size(), first.events.size());
}

TEST(Import, StrictRefusesTheWholeFile) {
    const Imported imported =
        import(shops + "german.csv", mapping_of(content(shops + "german.yaml")), {.strict = true});
    EXPECT_TRUE(imported.result.refused);
    EXPECT_TRUE(imported.events.empty());
    EXPECT_EQ(imported.result.rejected_count(), 4U);
}

constexpr std::string_view scattered_yaml = R"(customer: "{who}"
time: {column: at}
grouping: {by: order, scattered: SCATTERED, rows_max: ROWS}
event: Order Completed
properties: {order_id: "{order}", revenue: {sum: qty * price}}
)";

std::string scattered(const std::string& flag, const std::string& rows) {
    std::string yaml(scattered_yaml);
    yaml.replace(yaml.find("SCATTERED"), 9, flag);
    return yaml.replace(yaml.find("ROWS"), 4, rows);
}

TEST(Import, GathersScatteredGroupsWhenAsked) {
    EXPECT_EQ(summary(import(shops + "scattered.csv", mapping_of(scattered("true", "3")))),
              "2024-01-01T10:00:00Z a Order Completed {\"order_id\":\"1\",\"revenue\":3}\n"
              "2024-01-01T11:00:00Z b Order Completed {\"order_id\":\"2\",\"revenue\":2}\n");
    EXPECT_EQ(summary(import(shops + "scattered.csv", mapping_of(scattered("false", "3")))),
              "2024-01-01T10:00:00Z a Order Completed {\"order_id\":\"1\",\"revenue\":2.5}\n"
              "2024-01-01T11:00:00Z b Order Completed {\"order_id\":\"2\",\"revenue\":2}\n"
              "rejected group_not_adjacent 1\n");
    const auto too_many =
        run_import(shops + "scattered.csv", mapping_of(scattered("true", "2")), {},
                   {.event = [](event::Event&&) { return Status(Ok{}); }, .progress = {}});
    ASSERT_FALSE(too_many.has_value());
    EXPECT_EQ(too_many.error().code, ErrorCode::LimitExceeded);
}

TEST(Import, ReadsOldEncodingsAndOnlyIdentifies) {
    const std::string yaml = R"(encoding: windows-1252
customer: "{id}"
time: {column: when, formats: ["%m/%d/%Y %I:%M %p"]}
identify: {traits: {first_name: "{name}", since: {column: when, type: time}}}
)";
    EXPECT_EQ(summary(import(shops + "latin.csv", mapping_of(yaml))),
              "2024-01-31T14:05:00Z 7 Identified "
              "{\"first_name\":\"José “Pepe”\",\"since\":\"2024-01-31T14:05:00Z\"}\n"
              "2023-12-01T00:30:00Z 8 Identified "
              "{\"first_name\":\"Ana\",\"since\":\"2023-12-01T00:30:00Z\"}\n");
    const Imported wrong =
        import(shops + "latin.csv", mapping_of(yaml.substr(yaml.find("customer"))));
    EXPECT_EQ(wrong.result.rejected.at("invalid_utf8"), 1U);
}

TEST(Import, ReadsLinesOfSegmentEvents) {
    const std::string rejects = temporary("events.jsonl");
    const Imported imported = import(shops + "events.jsonl", mapping_of("format: segment-jsonl\n"),
                                     {.rejects_path = rejects});
    EXPECT_EQ(summary(imported),
              "2024-01-01T10:00:00Z u1 Order Completed {\"revenue\":5}\n"
              "2024-01-01T10:00:01Z u1 Identified {\"email\":\"u1@example.test\"}\n"
              "2024-01-01T21:00:00Z a1 Page Viewed {}\n"
              "rejected bad_timestamp 1\n"
              "rejected no_user_anon_id 1\n"
              "rejected not_json 1\n");
    EXPECT_EQ(imported.result.customers, 2U);
    EXPECT_NE(content(rejects).find("{\"line\":6,\"reason\":\"not_json\""), std::string::npos);
    EXPECT_EQ(imported.events,
              import(shops + "events.jsonl", mapping_of("format: segment-jsonl\n")).events);
    std::filesystem::remove(rejects);
}

TEST(Import, SaysWhatDoesNotFitTheHeader) {
    const Imported imported = import(shops + "scattered.csv", mapping_of(R"(customer: "{whoo}"
time: {column: att}
event: E
)"));
    ASSERT_EQ(imported.result.mistakes.size(), 2U);
    EXPECT_EQ(imported.result.mistakes[0].message,
              "the file has no column 'whoo'; did you mean 'who'?");
    EXPECT_EQ(imported.result.rows, 0U);
}

TEST(Import, SaysWhatIsWrongWithAFile) {
    const Mapping mapping = mapping_of(scattered("false", "3"));
    const ImportSinks sinks{.event = [](event::Event&&) { return Status(Ok{}); }, .progress = {}};
    const auto missing = run_import("no/such/file.csv", mapping, {}, sinks);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_EQ(run_import("test/data", mapping, {}, sinks).error().code, ErrorCode::InvalidArgument);
    const std::string cut = temporary("cut.csv.gz");
    std::ofstream(cut, std::ios::binary)
        << content("examples/online-retail/orders.csv.gz").substr(0, 100'000);
    EXPECT_EQ(run_import(cut, mapping_of(content("examples/online-retail/mapping.yaml")), {}, sinks)
                  .error()
                  .code,
              ErrorCode::Corrupt);
    std::filesystem::remove(cut);
}

TEST(OnlineRetail, ComesOutToThePenny) {
    const Mapping mapping = mapping_of(content("examples/online-retail/mapping.yaml"));
    Micros revenue;
    std::uint64_t orders = 0;
    std::uint64_t identified = 0;
    std::uint64_t products = 0;
    std::uint64_t progress = 0;
    std::set<std::string> ids;
    const auto result = run_import(
        "examples/online-retail/orders.csv.gz", mapping, {},
        {.event =
             [&](event::Event&& event) {
                 ids.insert(event.message_id);
                 if (event.kind == event::EventKind::Identify) {
                     ++identified;
                     EXPECT_NE(event.properties.find("timezone"), nullptr);
                     return Status(Ok{});
                 }
                 ++orders;
                 revenue =
                     revenue + micros_from_double(event.properties.find("revenue")->number_or(0));
                 products += event.properties.find("products")->as_list()->size();
                 return Status(Ok{});
             },
         .progress = [&](const ImportProgress& now) { progress = now.bytes_read; }});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->rows, 397'884U);
    EXPECT_EQ(result->taken, 397'884U);
    EXPECT_EQ(result->rejected_count() + result->skipped_count(), 0U);
    EXPECT_EQ(orders, 18'532U);
    EXPECT_EQ(identified, 4'338U);
    EXPECT_EQ(result->customers, 4'338U);
    EXPECT_EQ(result->events, 18'532U + 4'338U);
    EXPECT_EQ(products, 397'884U);
    EXPECT_EQ(ids.size(), orders + identified);
    EXPECT_EQ(revenue, Micros{8'911'407'904'000});
    EXPECT_EQ(format_amount(revenue, "GBP"), "8,911,407.90");
    EXPECT_EQ(progress, std::filesystem::file_size("examples/online-retail/orders.csv.gz"));
}

TEST(Orders, AreReadWithTheirMistakes) {
    const auto orders = read_orders(shops + "orders.csv");
    ASSERT_TRUE(orders.has_value());
    EXPECT_EQ(orders->customers, (std::vector<std::string>{"c1", "c2"}));
    ASSERT_EQ(orders->orders.size(), 3U);
    EXPECT_EQ(orders->orders[1].customer, 1U);
    EXPECT_EQ(orders->orders[2].amount, Micros{1'234'500'000});
    EXPECT_EQ(format_iso8601(orders->orders[2].time), "2024-03-01T00:00:00Z");
    std::string mistakes;
    for (const OrderMistake& mistake : orders->mistakes) {
        mistakes += std::to_string(mistake.line) + " " + mistake.message + "\n";
    }
    EXPECT_EQ(mistakes,
              "4 '2024-02-30' is not an ISO date\n5 'abc' is not an amount\n"
              "6 customer_id is empty\n7 the row has 3 fields, the header 4\n");
    EXPECT_EQ(read_orders(shops + "scattered.csv").error().message,
              "line 1: there is no column 'customer_id'; the columns are customer_id,date,amount");
}

}  // namespace
}  // namespace winback::ingest
