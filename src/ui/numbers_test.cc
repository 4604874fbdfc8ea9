// Each number that is a link leads to as many customers, or messages, as it says.
#include <set>

#include "api/journeys.h"
#include "event/names.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

struct Number {
    std::string address;
    std::string count;  // As it is written, with its commas.
};

// The links of a page whose addresses begin so.
std::vector<Number> numbers_of(const std::string& body, std::string_view address) {
    const std::string begin = "href=\"" + std::string(address);
    std::vector<Number> numbers;
    for (std::size_t at = body.find(begin); at != std::string::npos;
         at = body.find(begin, at + 1)) {
        const std::size_t from = at + 6;
        Number number{body.substr(from, body.find('"', from) - from), {}};
        for (std::size_t amp = 0; (amp = number.address.find("&amp;", amp)) != std::string::npos;) {
            number.address.erase(++amp, 4);
        }
        const std::size_t text = body.find('>', from) + 1;
        const std::string shown = body.substr(text, body.find("</a>", text) - text);
        const std::size_t digits = shown.find_first_of("0123456789");
        EXPECT_NE(digits, std::string::npos) << shown;
        number.count =
            shown.substr(digits, shown.find_first_not_of("0123456789,", digits) - digits);
        numbers.push_back(std::move(number));
    }
    return numbers;
}

class Numbers : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        load(*host_, playbook("  - wait: 10d\n  - message: {id: second, template: hello}\n"));
        for (int i = 0; i < 24; ++i) {
            const std::string who = "user" + std::to_string(i);
            submit(*host_, identify(who));
            if (i % 3 != 0) {
                consent(*host_, who);
            }
        }
        buy(0, 24, 2);                   // All enter,
        for (int i = 16; i < 24; ++i) {  // some click,
            event::Event click =
                event("user" + std::to_string(i), std::string(event::link_clicked));
            submit(*host_, std::move(click));
        }
        buy(0, 5, 1);  // and some reach the goal.
        pass(*host_, days(40));
        buy(4, 16, 2);  // Some enter again,
        pass(*host_, days(2));
        buy(6, 8, 1);
        for (const int i : {10, 11, 13}) {  // leave,
            command(*host_, {.kind = engine::Command::Kind::SetConsent,
                             .customer = "user" + std::to_string(i),
                             .consent = expr::ConsentState::Denied,
                             .reason = "test"});
        }
        pass(*host_, days(2));
        load(*host_, playbook(""));
        buy(17, 24, 2);  // or go to the end of a shorter way.
        pass(*host_, hours(12));
    }
    static host::PlaybookFiles playbook(const std::string& rest) {
        host::PlaybookFiles files =
            host::test_playbook("ev(\"Order Completed\").within(\"20d\").count() >= 2");
        files["journeys/greet.yaml"] =
            "name: Greet\nenter: {segment: regulars, again_after: 30d}\n"
            "hold_out: {share: 0.4, salt: numbers}\n"
            "goal: {event: Order Completed, within: 30d}\n"
            "exit:\n  - consent(\"email\") == \"denied\"\n"
            "steps:\n  - message: {id: first, template: hello}\n" +
            rest;
        // The tests' version goes by this file alone.
        files["segments/regulars.yaml"] += "description: " + std::to_string(rest.size()) + "\n";
        return files;
    }
    // Each of them orders so many times.
    void buy(int from, int to, int times) {
        for (int i = from; i < to; ++i) {
            for (int k = 0; k < times; ++k) {
                submit(*host_, order("user" + std::to_string(i), 20));
            }
        }
        pass(*host_, hours(1));
    }
    // The numbers of a page lead to as many customers; gives the parameters that were seen.
    std::set<std::string> follow(const std::string& path) {
        std::set<std::string> seen;
        for (const Number& number : numbers_of(page(path), "/customers?journey=")) {
            const std::string list = page(number.address);
            EXPECT_TRUE(contains(list, "<strong>" + number.count + "</strong> customer"))
                << number.count << " " << number.address;
            EXPECT_TRUE(contains(list, "this filter, of ")) << number.address;
            std::string parameters;
            const std::size_t query = number.address.find('&');
            if (query != std::string::npos) {
                parameters = number.address.substr(query + 1);
            }
            // Moments differ from run to run of the clock.
            seen.insert(parameters.substr(0, parameters.find("_since=")));
        }
        return seen;
    }
    ValueMap greet() { return api::describe_journey(*desk_, "greet").value(); }
    std::int64_t count(const ValueMap& map, const char* key) { return *map.find(key)->as_int(); }
    void sign_in_as(std::vector<std::string> scopes) {
        const auto link = host_->keys().create(host::KeyKind::SignIn, "eva", std::move(scopes),
                                               api::wall_clock());
        session_ = "winback_session=" +
                   host_->keys().sign_in(link->secret, api::wall_clock()).value().secret;
    }
};

TEST_F(Numbers, OfJourneysOpenToTheirPeople) {
    const std::set<std::string> list = follow("/journeys");
    const std::set<std::string> one = follow("/journeys/greet");
    for (const char* parameters :
         {"done=no", "arm=holdout", "entered", "done=converted&entered", "done=left&entered"}) {
        EXPECT_TRUE(list.contains(parameters)) << parameters;
        EXPECT_TRUE(one.contains(parameters)) << parameters;
    }
    for (const char* parameters :
         {"", "step=-", "entered_under=2", "done=finished&entered", "clicked=first"}) {
        EXPECT_TRUE(one.contains(parameters)) << parameters;
    }
}

TEST_F(Numbers, OfStepsOpenToThoseWhoStandThere) {
    load(*host_, playbook("  - wait: 20d\n  - message: {id: second, template: hello}\n"));
    EXPECT_TRUE(follow("/journeys/greet").contains("step=step_2"));
}

// The arms of the proof count passages; what is shown as people counts each of them once.
TEST_F(Numbers, CountSomebodyWhoEnteredTwiceOnce) {
    const ValueMap journey = greet();
    EXPECT_EQ(count(journey, "entered"), 24);
    const std::int64_t passages = count(*journey.find("assigned")->as_map(), "customers") +
                                  count(*journey.find("holdout")->as_map(), "customers");
    EXPECT_GT(passages, 24);
}

TEST_F(Numbers, OfMessagesOpenToThem) {
    for (const auto& [path, states] :
         {std::pair("/templates", std::set<std::string>{"gone", "not_sent"}),
          std::pair("/templates/hello", std::set<std::string>{"gone", "not_sent"}),
          std::pair("/journeys/greet", std::set<std::string>{"sent", "refused"}),
          std::pair("/journeys", std::set<std::string>{"sent"})}) {
        std::set<std::string> seen;
        for (const Number& number : numbers_of(page(path), "/messages?state=")) {
            const std::string list = page(number.address);
            std::size_t rows = 0;
            const std::string_view row = "<th scope=\"row\"><a href=\"/messages/";
            for (std::size_t at = list.find(row); at != std::string::npos;
                 at = list.find(row, at + 1)) {
                ++rows;
            }
            EXPECT_EQ(std::to_string(rows), number.count) << number.address;
            const std::size_t begin = number.address.find('=') + 1;
            seen.insert(number.address.substr(begin, number.address.find('&') - begin));
        }
        EXPECT_EQ(seen, states) << path;
    }
}

TEST_F(Numbers, AreNoLinksForWhoMayNotSeePeople) {
    sign_in_as({"read"});
    for (const char* path : {"/journeys", "/journeys/greet", "/templates", "/templates/hello"}) {
        const std::string body = page(path);
        EXPECT_TRUE(numbers_of(body, "/customers?").empty()) << path;
        EXPECT_TRUE(numbers_of(body, "/messages?").empty()) << path;
    }
}

TEST_F(Numbers, StandAsFiltersThatCanBeTakenAway) {
    const std::string list =
        page("/customers?journey=greet&step=-&arm=holdout&done=no&entered_since=2026-06-01");
    EXPECT_TRUE(contains(list, "Journey: <bdi>Greet</bdi>"));
    EXPECT_TRUE(contains(list, "Stands at: <bdi>a step that is no longer there</bdi>"));
    EXPECT_TRUE(contains(list, "Group: <bdi>left alone</bdi>"));
    EXPECT_TRUE(contains(list, "On the journey: <bdi>on the way now</bdi>"));
    EXPECT_TRUE(contains(list, "Entered since: <bdi>"));
    EXPECT_TRUE(contains(
        list, "href=\"/customers?journey=greet&amp;step=-&amp;arm=holdout&amp;entered_since="));
    EXPECT_TRUE(contains(list, "name=\"arm\" value=\"holdout\""));  // Kept by the form.
    EXPECT_TRUE(contains(list, "<a href=\"/customers\" aria-label=\"Remove the filter Journey\""));
    EXPECT_TRUE(contains(page("/customers?journey=greet"), "/customers/export?journey=greet"));
    EXPECT_EQ(get("/customers?journey=gone").status, 404);
    EXPECT_EQ(get("/customers?journey=greet&step=third").status, 404);
    EXPECT_EQ(get("/customers?journey=greet&clicked=third").status, 404);
    EXPECT_TRUE(
        contains(page("/customers?journey=greet&clicked=first"), "Clicked in: <bdi>first</bdi>"));
    EXPECT_EQ(get("/customers?arm=holdout").status, 400);
    EXPECT_EQ(get("/customers?journey=greet&done=maybe").status, 400);
}

}  // namespace
}  // namespace winback::ui
