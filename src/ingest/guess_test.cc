#include "ingest/guess.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "event/names.h"
#include "ingest/column_names.h"
#include "ingest/guess_parts.h"
#include "ingest/import.h"
#include "ingest/source.h"

namespace winback::ingest {
namespace {

const std::string exports = "test/data/csv/exports/";

std::string beginning(const std::string& path) {
    auto source = Source::open(path);
    EXPECT_TRUE(source.has_value());
    std::string bytes(guess_bytes_max, '\0');
    std::size_t size = 0;
    for (auto got = source->read(bytes.data(), bytes.size()); got && *got > 0;
         got = source->read(bytes.data() + size, bytes.size() - size)) {
        size += *got;
    }
    bytes.resize(size);
    return bytes;
}

Guess guess_of(const std::string& path, const GuessDefaults& defaults = {}) {
    const std::string bytes = beginning(path);
    return guess_mapping(bytes, bytes.size() < guess_bytes_max, defaults);
}

struct Imported {
    ImportResult result;
    std::vector<event::Event> events;
};

Imported import(const std::string& path, const std::string& yaml) {
    const MappingRead read = read_mapping(yaml, "map.yaml");
    for (const Diagnostic& mistake : read.diagnostics) {
        ADD_FAILURE() << render(mistake, yaml);
    }
    Imported out;
    const auto result = run_import(path, read.mapping, {},
                                   {.event =
                                        [&](event::Event&& event) {
                                            out.events.push_back(std::move(event));
                                            return Status(Ok{});
                                        },
                                    .progress = {}});
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    out.result = result ? *result : ImportResult{};
    for (const Diagnostic& mistake : out.result.mistakes) {
        ADD_FAILURE() << render(mistake, yaml);
    }
    return out;
}

// What the guess asks, the orders that it leads to, and the customers.
std::string story(const std::string& name, const GuessDefaults& defaults = {}) {
    const Guess guess = guess_of(exports + name, defaults);
    std::string out = std::string(shape_name(guess.plan.shape)) + ", asks:";
    for (const Question& question : guess.questions) {
        out += " " + question.code;
    }
    for (const std::string& problem : guess.problems) {
        out += " !" + problem;
    }
    out += "\n";
    const Imported imported = import(exports + name, mapping_text(guess.plan));
    for (const event::Event& event : imported.events) {
        ValueMap properties = event.properties;
        const Value* products = properties.find("products");
        const std::size_t lines = products == nullptr ? 0 : products->as_list()->size();
        properties.set("products", static_cast<std::int64_t>(lines));
        out += format_iso8601(event.time).substr(0, 16) + " " + event.user_id + " " + event.name +
               " " + to_json(properties) + "\n";
    }
    for (const auto& [reason, count] : imported.result.skipped) {
        out += "skipped " + reason + " " + std::to_string(count) + "\n";
    }
    for (const auto& [reason, count] : imported.result.rejected) {
        out += "rejected " + reason + " " + std::to_string(count) + "\n";
    }
    return out;
}

std::string expected(const std::string& name) {
    std::ifstream file(exports + name + ".story");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Guess, ReadsLeaveToWriteInEveryLanguage) {
    for (const char* name :
         {"Bülten İzni", "E-posta izni", "Pazarlama İletisi Onayı", "Email Consent",
          "email_marketing_opt_in", "Marketing permission", "Newsletter Einwilligung",
          "Zustimmung E-Mail", "الموافقة على البريد", "موافقة التسويق", "رضایت ایمیل",
          "اجازه‌ی خبرنامه", "Accepts Marketing"}) {
        EXPECT_EQ(role_of_name(name).role, Role::Consent) << name;
    }
    for (const char* name : {"Email", "E-posta", "Consent date", "Email consent date", "SMS izni",
                             "Bülten izin tarihi", "Marketing source", "İzin"}) {
        EXPECT_NE(role_of_name(name).role, Role::Consent) << name;
    }
}

// What the name of the column says is not asked.
TEST(Guess, ReadsTheCurrencyInANameOfAColumn) {
    const std::string bytes =
        "Sipariş No;Tarih;E-posta;Tutar (TL);Bülten İzni\n"
        "1;15.01.2026;a@example.test;139,12;Evet\n2;16.01.2026;b@example.test;20,50;Hayır\n"
        "3;17.01.2026;c@example.test;20,50;\n";
    const Guess guess = guess_mapping(bytes, true, {.currency = "USD"});
    EXPECT_EQ(guess.plan.currency, "TRY");
    EXPECT_EQ(guess.plan.roles,
              (std::vector{Role::Order, Role::Time, Role::Email, Role::Total, Role::Consent}));
    EXPECT_EQ(guess.plan.consent_yes, std::vector<std::string>{"Evet"});
    for (const Question& question : guess.questions) {
        EXPECT_NE(question.code, "currency");
        EXPECT_NE(question.code, "consent");
    }
    EXPECT_EQ(money_in_name("Total USD").currency, "USD");
    EXPECT_EQ(money_in_name("Preis [€]").rest, "Preis");
    EXPECT_EQ(money_in_name("Order Total").currency, "");
    EXPECT_EQ(money_in_name("EUR").currency, "");
}

TEST(Guess, ReadsShopifyWhoseFirstRowsSpeakForTheirOrders) {
    EXPECT_EQ(story("shopify.csv"), expected("shopify"));
}
TEST(Guess, ReadsWooCommerce) {
    EXPECT_EQ(story("woocommerce.csv"), expected("woocommerce"));
}
TEST(Guess, ReadsMagento) {
    EXPECT_EQ(story("magento.csv"), expected("magento"));
}
TEST(Guess, AsksWhoTheCustomersOfPrestaShopAre) {
    EXPECT_EQ(story("prestashop.csv"), expected("prestashop"));
}
TEST(Guess, JoinsTheDateAndTheTimeOfSquare) {
    EXPECT_EQ(story("square.csv"), expected("square"));
}
TEST(Guess, ReadsTurkishInWindows1254) {
    EXPECT_EQ(story("turkish_1254.csv"), expected("turkish_1254"));
}
TEST(Guess, ReadsArabicInWindows1256) {
    EXPECT_EQ(story("arabic_1256.csv"), expected("arabic_1256"));
}
TEST(Guess, ReadsPersianDigitsAndDates) {
    EXPECT_EQ(story("persian.csv"), expected("persian"));
}
TEST(Guess, ReadsTheUnicodeTextOfSpreadsheets) {
    EXPECT_EQ(story("excel_utf16.csv"), expected("excel_utf16"));
}
TEST(Guess, AsksWhetherTheDayOrTheMonthStandsFirst) {
    EXPECT_EQ(story("ambiguous.csv"), expected("ambiguous"));
}
TEST(Guess, FindsColumnsWithoutNames) {
    EXPECT_EQ(story("no_header.csv"), expected("no_header"));
}
TEST(Guess, TakesAListOfCustomersForWhatItIs) {
    EXPECT_EQ(story("customers.csv"), expected("customers"));
}

TEST(Guess, SaysWhatCannotBeRead) {
    EXPECT_EQ(guess_mapping("", true, {}).problem, "empty");
    EXPECT_EQ(guess_mapping("PK\x03\x04 and so on", true, {}).problem, "spreadsheet");
    EXPECT_EQ(guess_mapping(std::string("a,b\0\0c\0\0\0d", 11), true, {}).problem, "binary");
    EXPECT_EQ(guess_mapping("one column\nof text\n", true, {}).problem, "no_columns");
    EXPECT_EQ(guess_mapping("{\"type\":\"track\"}\n", true, {}).plan.format,
              FileFormat::SegmentJsonl);
}

TEST(Guess, DecidesDayOrMonthOverAllRows) {
    const std::string head = "order,customer,date,total\n1,a,03/04/2024,10.00\n";
    const Guess day = guess_mapping(head + "2,b,13/04/2024,1.00\n", true, {});
    const Guess month = guess_mapping(head + "2,b,04/13/2024,1.00\n", true, {});
    EXPECT_EQ(day.plan.date_formats, std::vector<std::string>{"%d/%m/%Y"});
    EXPECT_EQ(month.plan.date_formats, std::vector<std::string>{"%m/%d/%Y"});
    // A shop that counts in dollars puts the month first, and is asked.
    const Guess dollars = guess_mapping(head, true, {.currency = "USD", .today = {}});
    EXPECT_EQ(dollars.plan.date_formats, std::vector<std::string>{"%m/%d/%Y"});
    EXPECT_EQ(dollars.questions.front().code, "date_order");
}

// The promise for our own example: the same orders, ids and times as the mapping that we ship.
TEST(Guess, GivesTheSameOrdersAsTheMappingOfTheExample) {
    const std::string folder = "examples/online-retail/";
    const Guess guess = guess_of(folder + "orders.csv.gz",
                                 {.zone = "Europe/London", .currency = "GBP", .today = {}});
    EXPECT_TRUE(guess.problems.empty());
    const auto orders = [&](const std::string& yaml) {
        std::set<std::string> out;
        for (const event::Event& event : import(folder + "orders.csv.gz", yaml).events) {
            if (event.name == event::order_completed) {
                out.insert(
                    event.message_id + " " + event.user_id + " " + format_iso8601(event.time) +
                    " " + to_json(*event.properties.find("revenue")) + " " +
                    to_json(*event.properties.find("products")->as_list()->front().as_map()));
            }
        }
        return out;
    };
    std::ifstream shipped(folder + "mapping.yaml");
    const std::string mapping((std::istreambuf_iterator<char>(shipped)), {});
    const std::set<std::string> ours = orders(mapping_text(guess.plan));
    EXPECT_EQ(ours.size(), 18'532U);
    EXPECT_TRUE(ours == orders(mapping));
}

TEST(Guess, WritesNamesWithQuotesSoThatTheyReadBack) {
    const std::string bytes = "\"a \"\"b\"\" \\c\",customer,date,total\n1,a,2024-01-01,2.50\n";
    Guess guess = guess_mapping(bytes, true, {});
    guess.plan.roles[0] = Role::City;
    const MappingRead read = read_mapping(mapping_text(guess.plan), "map.yaml");
    EXPECT_TRUE(read.diagnostics.empty());
    EXPECT_EQ(read.mapping.columns.front(), "customer");
    EXPECT_NE(std::find(read.mapping.columns.begin(), read.mapping.columns.end(), "a \"b\" \\c"),
              read.mapping.columns.end());
}

}  // namespace
}  // namespace winback::ingest
