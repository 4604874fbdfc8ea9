#include "playbook/playbook.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace winback::playbook {
namespace {

Files small() {
    return {
        {"workspace.yaml",
         "name: Shop\nzone: Europe/London\ncurrency: GBP\n"
         "from: {name: Shop, address: hello@shop.example}\naddress: 1 Street\n"
         "base_url: https://shop.example/\nbrand_url: https://shop.example\n"},
        {"policies.yaml", "quiet_hours: {from: \"21:00\", to: \"09:00\"}\n"},
        {"segments/buyers.yaml", "name: Buyers\ncondition: ev(\"Order Completed\").any()\n"},
        {"templates/hello.en.liquid", "---\nsubject: Hello\n---\n<p>Hello</p>\n"},
        {"journeys/j.yaml",
         "name: J\nenter: {segment: buyers}\ngoal: {event: Order Completed, within: 30d}\n"
         "steps:\n"
         "  - message: {id: a, template: hello}\n"
         "  - if: user.orders.count > 2\n"
         "    then:\n"
         "      - wait: 1d\n"
         "      - message: {id: b, template: hello}\n"
         "    else:\n"
         "      - message: {id: c, template: hello}\n"
         "  - message: {id: d, template: hello}\n"},
    };
}

// "file:line:column code" for each, one a line.
std::string mistakes(const Files& files) {
    std::string out;
    for (const Diagnostic& d : load(files).diagnostics) {
        out += d.file + ":" + std::to_string(d.position.line) + ":" +
               std::to_string(d.position.column) + " " + d.code + "\n";
    }
    return out;
}

TEST(Playbook, TheShippedOneHasNoMistake) {
    const auto files = read_folder("playbook");
    ASSERT_TRUE(files.has_value()) << files.error().message;
    const LoadedPlaybook loaded = load(*files);
    EXPECT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, *files);
    ASSERT_TRUE(loaded.definitions.has_value());
    for (const journey::Journey& journey : loaded.definitions->journeys) {
        for (const journey::Step& step : journey.steps) {
            if (step.kind == journey::StepKind::Message) {
                const auto& variants = loaded.definitions->templates.at(step.template_id).variants;
                EXPECT_EQ(variants.size(), 4U) << step.template_id;  // en, tr, ar, fa
            }
        }
    }
}

TEST(Playbook, NestedStepsBecomeAFlatListThatJoinsAgain) {
    const LoadedPlaybook loaded = load(small());
    ASSERT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, small());
    const auto& steps = loaded.definitions->journeys.at(0).steps;
    ASSERT_EQ(steps.size(), 6U);  // a, if, wait, b, c, d
    EXPECT_EQ(steps[1].next, 2U);
    EXPECT_EQ(steps[1].otherwise, 4U);
    EXPECT_EQ(steps[3].next, 5U);  // b jumps over c to d
    EXPECT_EQ(steps[4].next, 5U);
    EXPECT_EQ(steps[5].next, 6U);
}

TEST(Playbook, NamesStandInTheWorkspacesLanguage) {
    Files files = small();
    const std::string workspace = files["workspace.yaml"];
    files["segments/buyers.yaml"] =
        "name: {en: Buyers, pt: Compradores, tr: Alıcılar}\n"
        "description: {en: They bought., tr: Alışveriş yaptılar.}\n"
        "condition: ev(\"Order Completed\").any()\n";
    const auto told_in = [&](const std::string& language) {
        files["workspace.yaml"] = workspace + "language: " + language + "\n";
        const LoadedPlaybook loaded = load(files);
        EXPECT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, files);
        const segment::Segment& segment = loaded.definitions->segments.at(0);
        return segment.name + ": " + segment.description;
    };
    EXPECT_EQ(told_in("tr"), "Alıcılar: Alışveriş yaptılar.");
    EXPECT_EQ(told_in("pt-BR"), "Compradores: They bought.");
    EXPECT_EQ(told_in("ar"), "Buyers: They bought.");  // The first.
    files["segments/buyers.yaml"] =
        "name: {en: Buyers, tr: ''}\ndescription: {}\ncondition: ev(\"Order Completed\").any()\n";
    EXPECT_EQ(mistakes(files),
              "segments/buyers.yaml:1:20 wrong_type\nsegments/buyers.yaml:2:1 empty_value\n");
}

TEST(Playbook, TheShippedOneIsNamedInFourLanguages) {
    Files files = *read_folder("playbook");
    std::map<std::string, std::set<std::string>> names;
    for (const std::string language : {"en", "tr", "ar", "fa"}) {
        std::string& workspace = files.at("workspace.yaml");
        const std::string_view key = "\nlanguage: ";
        workspace.replace(workspace.find(key) + key.size(), 2, language);
        const LoadedPlaybook loaded = load(files);
        ASSERT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, files);
        for (const segment::Segment& segment : loaded.definitions->segments) {
            names[segment.id].insert(segment.name);
            names[segment.id].insert(segment.description);
        }
        for (const journey::Journey& journey : loaded.definitions->journeys) {
            names["journey " + journey.id].insert(journey.name);
            names["journey " + journey.id].insert(journey.description);
        }
        for (const auto& [id, offer] : loaded.definitions->offers) {
            names["offer " + id].insert(offer.name);
        }
    }
    for (const auto& [id, texts] : names) {
        EXPECT_EQ(texts.size(), id.starts_with("offer ") ? 4U : 8U) << id;
    }
}

TEST(Playbook, TheCostOfANewCustomerIsOptionalAndPositive) {
    Files files = small();
    EXPECT_FALSE(load(files).definitions->workspace.acquisition_cost.has_value());
    const std::string workspace = files["workspace.yaml"];
    files["workspace.yaml"] = workspace + "acquisition_cost: 4.5\n";
    EXPECT_EQ(load(files).definitions->workspace.acquisition_cost, micros_from_double(4.5));
    for (const char* wrong : {"0", "-1", "free", "1e12", "nan"}) {
        files["workspace.yaml"] = workspace + "acquisition_cost: " + wrong + "\n";
        EXPECT_TRUE(mistakes(files).starts_with("workspace.yaml:8:19 bad_number"))
            << wrong << ": " << mistakes(files);
    }
    files["workspace.yaml"] = workspace + "acquisition_cost: [1]\n";
    EXPECT_TRUE(mistakes(files).starts_with("workspace.yaml:8:1 bad_number"));
}

TEST(Playbook, KeepsSilentCustomersForSixMonthsToTwentyYears) {
    const auto kept = [](const std::string& keep) {
        Files files = small();
        files["workspace.yaml"] += "keep: " + keep + "\n";
        const LoadedPlaybook loaded = load(files);
        const auto& definitions = loaded.definitions;
        return !definitions ? "mistake"
               : definitions->workspace.keep.silent_customers
                   ? format_calendar_step(*definitions->workspace.keep.silent_customers)
                   : "off";
    };
    EXPECT_EQ(kept("{silent_customers: 36mo}"), "3y");
    EXPECT_EQ(kept("{silent_customers: 6mo, at: \"04:30\"}"), "6mo");
    EXPECT_EQ(kept("{silent_customers: 184d}"), "184d");
    EXPECT_EQ(kept("{silent_customers: 20y}"), "20y");
    EXPECT_EQ(kept("{silent_customers: off}"), "off");
    EXPECT_EQ(kept("{}"), "off");
    for (const char* wrong : {"5mo", "183d", "241mo", "4000h", "soon", "-1"}) {
        EXPECT_EQ(kept("{silent_customers: " + std::string(wrong) + "}"), "mistake") << wrong;
    }
    EXPECT_EQ(kept("{silent_customers: 1y, at: \"25:00\"}"), "mistake");
    EXPECT_EQ(kept("{bodies: 1y}"), "mistake");
}

TEST(Playbook, EveryMistakeIsReportedAtItsPlace) {
    Files files = small();
    files["workspace.yaml"] =
        "name: Shop\nzone: Europe/Londn\ncurrency: pounds\n"
        "from: {address: nobody}\naddress: 1 Street\nbase_url: shop.example\n"
        "brand_url: https://shop.example\ncolour: red\n";
    files["policies.yaml"] =
        "quiet_hours: {from: \"25:00\", to: \"09:00\"}\ncaps:\n  - {per: 7x}\n";
    files["segments/bad.yaml"] = "name: Bad\ncondition: |\n  user.orders.count >\n";
    files["journeys/j.yaml"] =
        "name: J\nenter: {segment: buyer}\ngoal: {event: Order Completed, within: 30d}\n"
        "steps:\n  - message: {id: a, template: helo}\n  - wait: soon\n  - jump: 3\n";
    EXPECT_EQ(mistakes(files),
              "journeys/j.yaml:2:18 unknown_segment\n"
              "journeys/j.yaml:5:32 unknown_template\n"
              "journeys/j.yaml:6:11 bad_duration\n"
              "journeys/j.yaml:7:5 unknown_key\n"
              "journeys/j.yaml:7:5 unknown_step\n"
              "policies.yaml:1:22 bad_time\n"
              "policies.yaml:3:6 missing_key\n"
              "policies.yaml:3:11 bad_duration\n"
              "segments/bad.yaml:4:3 unexpected_end\n"
              "workspace.yaml:2:7 unknown_zone\n"
              "workspace.yaml:3:11 bad_currency\n"
              "workspace.yaml:4:17 bad_address\n"
              "workspace.yaml:6:11 bad_url\n"
              "workspace.yaml:8:1 unknown_key\n");
    EXPECT_FALSE(load(files).definitions.has_value());
}

TEST(Playbook, WhatHasMistakesIsNotCalledMissing) {
    Files files = small();
    files["segments/torn.yaml"] = "name: [Torn\n";
    files["segments/typed.yaml"] =
        "name: T\ncondition: user.orders.cuont > 1 && user.country > 3\n";
    files["templates/torn.en.liquid"] = "---\nchannel: email\nsubject: S\n---\n{% if %}\n";
    files["journeys/j.yaml"] =
        "name: J\nenter: {segment: torn}\ngoal: {event: Order Completed, within: 30d}\n"
        "steps:\n  - message: {id: a, template: torn}\n";
    const std::string found = mistakes(files);
    EXPECT_EQ(found.find("journeys/"), std::string::npos) << found;
    EXPECT_NE(found.find("segments/torn.yaml"), std::string::npos) << found;
    EXPECT_NE(found.find("templates/torn.en.liquid"), std::string::npos) << found;
    EXPECT_NE(found.find("segments/typed.yaml:2:12 unknown_trait"), std::string::npos) << found;
    EXPECT_NE(found.find("type_mismatch"), std::string::npos) << found;
}

TEST(Playbook, CyclesOfSegmentsAreNamed) {
    Files files = small();
    files["segments/a.yaml"] = "name: A\ncondition: in_segment(\"b\")\n";
    files["segments/b.yaml"] = "name: B\ncondition: in_segment(\"a\")\n";
    const LoadedPlaybook loaded = load(files);
    ASSERT_EQ(loaded.diagnostics.size(), 1U);
    EXPECT_NE(loaded.diagnostics[0].message.find("a -> b -> a"), std::string::npos);
}

TEST(Playbook, SegmentsStandAfterThoseTheyReferTo) {
    Files files = small();
    files["segments/a.yaml"] = "name: A\ncondition: in_segment(\"buyers\")\n";
    const LoadedPlaybook loaded = load(files);
    ASSERT_TRUE(loaded.definitions.has_value());
    EXPECT_EQ(loaded.definitions->segments.at(0).id, "buyers");
    EXPECT_EQ(loaded.definitions->segments.at(1).id, "a");
}

TEST(Playbook, MissingFilesAndFoldersSaySo) {
    EXPECT_EQ(mistakes({}), "policies.yaml:1:1 missing_file\nworkspace.yaml:1:1 missing_file\n");
    EXPECT_EQ(read_folder("test/no-such-folder").error().code, ErrorCode::NotFound);
}

TEST(Playbook, AJourneySendsNothingTransactional) {
    Files files = small();
    files["templates/hello.en.liquid"] =
        "---\nsubject: Hello\ntransactional: true\n---\n<p>Hello</p>\n";
    files["offers/ten.yaml"] = "name: Ten\npercent: 10\ncost: 5\nvalid: 14d\n";
    files["journeys/j.yaml"] =
        "name: J\nenter: {segment: buyers}\ngoal: {event: Order Completed, within: 30d}\n"
        "steps:\n"
        "  - message: {id: a, template: hello}\n";
    EXPECT_EQ(mistakes(files), "journeys/j.yaml:5:32 transactional_journey\n");
    EXPECT_TRUE(load(files).definitions.has_value());
    files["journeys/j.yaml"] += "  - message: {id: b, template: hello, offer: ten}\n";
    EXPECT_EQ(mistakes(files),
              "journeys/j.yaml:5:32 transactional_journey\n"
              "journeys/j.yaml:6:32 transactional_offer\n");
    EXPECT_FALSE(load(files).definitions.has_value());
}

}  // namespace
}  // namespace winback::playbook
