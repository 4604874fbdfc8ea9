// Runs the stories of test/scenario/*.scn against the engine. Commands, one a block:
//
//   world shards=4                            begin again
//   playbook                                  files follow as "== path" and their lines
//   identify ID key=value …  [at=TIME] [anonymous=ID]
//   event ID "Name" key=value … [at=TIME] [id=MESSAGE_ID] [anonymous=ID]
//   anonymous ID "Name" key=value … [at=TIME]
//   alias PREVIOUS ID
//   consent ID CHANNEL granted|denied [topic=TOPIC]
//   suppress ID REASON; lift ID REASON        do not disturb, and again
//   tag ID TAG; untag ID TAG; enlist ID LIST; delist ID LIST
//   advance to=TIME | by=STEP
//   members SEGMENT
//   show ID                                   some traits
//   why STEP                                  the gates of the last decision
//   message STEP                              receiver and subject of the last decision
//   letter STEP                               its sender, where replies go, and its text
//   channel closed | open
//   handovers held | free                     held ones are told after each step
//   deliver N                                 the Nth of those that are held
//   erase ID
//   restart
//   fit N                                     models of version N, not fitted to anybody
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "playbook/playbook.h"
#include "scenario_runner.h"
#include "world.h"

namespace winback::test {
namespace {

// Words of a command: separated by blanks, kept together by double quotes.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words(1);
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    std::erase(words, "");
    return words;
}

Value value_of(const std::string& text) {
    if (text == "true" || text == "false") {
        return text == "true";
    }
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0' ? Value(number) : Value(text);
}

class Story {
public:
    std::string run(const Block& block) {
        const std::vector<std::string> words = words_of(block.command);
        const std::string& verb = words[0];
        if (verb == "world") {
            world_ = std::make_unique<World>(
                static_cast<std::uint32_t>(std::stoul(words.at(1).substr(7))));
            return "ok\n";
        }
        if (verb == "playbook") {
            return playbook(block.input);
        }
        if (verb == "identify" || verb == "event" || verb == "anonymous" || verb == "alias") {
            world_->submit(event_of(words));
            return world_->tell();
        }
        if (verb == "consent") {
            world_->command({.kind = engine::Command::Kind::SetConsent,
                             .customer = words.at(1),
                             .channel = *customer::parse_channel(words.at(2)),
                             .consent = words.at(3) == "granted" ? expr::ConsentState::Granted
                                                                 : expr::ConsentState::Denied,
                             .reason = "by hand",
                             .topic = words.size() > 4 ? words[4].substr(6) : ""});
            return world_->tell();
        }
        using Kind = engine::Command::Kind;
        static const std::map<std::string, Kind> orders{
            {"suppress", Kind::Suppress}, {"lift", Kind::Lift},     {"tag", Kind::Tag},
            {"untag", Kind::Untag},       {"enlist", Kind::Enlist}, {"delist", Kind::Delist}};
        if (const auto order = orders.find(verb); order != orders.end()) {
            const bool worded = order->second >= Kind::Tag;
            world_->command({.kind = order->second,
                             .customer = words.at(1),
                             .reason = worded ? "" : words.at(2),
                             .text = worded ? words.at(2) : ""});
            return world_->tell();
        }
        if (verb == "erase") {
            world_->command(
                {.kind = engine::Command::Kind::Erase, .customer = words.at(1), .reason = "asked"});
            return world_->tell();
        }
        if (verb == "fit") {  // Models as they are before any was fitted to a shop.
            world_->load_models({.version = std::stoul(words.at(1))});
            return world_->tell();
        }
        if (verb == "advance") {
            const std::string& how = words.at(1);
            world_->advance(how.starts_with("to=") ? *parse_iso8601(how.substr(3))
                                                   : add(utc_zone(), world_->now(),
                                                         *parse_calendar_step(how.substr(3))));
            return world_->tell();
        }
        return ask(words);
    }

private:
    std::string ask(const std::vector<std::string>& words) {
        const std::string& verb = words[0];
        if (verb == "members") {
            std::string text;
            for (const std::string& id : world_->members(words.at(1))) {
                text += id + "\n";
            }
            return text.empty() ? "none\n" : text;
        }
        if (verb == "show") {
            return show(words.at(1));
        }
        if (verb == "why" || verb == "message" || verb == "letter") {
            return decision(verb, words.at(1));
        }
        if (verb == "channel") {
            words.at(1) == "open" ? world_->release_channel() : world_->hold_channel();
            return world_->tell();
        }
        if (verb == "handovers") {
            words.at(1) == "free" ? world_->release_handovers() : world_->hold_handovers();
            return world_->tell();
        }
        if (verb == "deliver") {
            world_->deliver(std::stoul(words.at(1)) - 1);
            return world_->tell() + world_->handovers_on_their_way();
        }
        if (verb == "restart") {
            return world_->restart() ? "same state\n" : "STATE CHANGED\n";
        }
        return "unknown command " + verb + "\n";
    }

    std::string playbook(const std::string& input) {
        playbook::Files files;
        std::string* content = nullptr;
        for (const std::string_view line : split(input, '\n')) {
            if (line.starts_with("== ")) {
                content = &files[std::string(line.substr(3))];
            } else if (content != nullptr) {
                *content += std::string(line == "." ? "" : line) + "\n";
            }
        }
        playbook::LoadedPlaybook loaded = playbook::load(files);
        if (!loaded.definitions.has_value()) {
            return playbook::render(loaded.diagnostics, files);
        }
        world_->load_definitions(*std::move(loaded.definitions));
        return world_->tell();
    }

    event::Event event_of(const std::vector<std::string>& words) {
        event::Event event;
        event.message_id = "m" + std::to_string(++messages_);
        event.time = world_->now();
        std::size_t next = 2;
        if (words[0] == "identify") {
            event.kind = event::EventKind::Identify;
            event.name = "Identified";
            event.user_id = words.at(1);
        } else if (words[0] == "alias") {
            event.kind = event::EventKind::Alias;
            event.name = "Aliased";
            event.previous_id = words.at(1);
            event.user_id = words.at(2);
            next = 3;
        } else {
            (words[0] == "event" ? event.user_id : event.anonymous_id) = words.at(1);
            event.name = words.at(2);
            next = 3;
        }
        for (; next < words.size(); ++next) {
            const std::size_t equals = words[next].find('=');
            set_part(event, words[next].substr(0, equals), words[next].substr(equals + 1));
        }
        return event;
    }

    static void set_part(event::Event& event, const std::string& key, const std::string& text) {
        if (key == "at") {
            event.time = *parse_iso8601(text);
        } else if (key == "id") {
            event.message_id = text;
        } else if (key == "anonymous") {
            event.anonymous_id = text;
        } else if (key == "consent") {
            ValueMap consent;
            consent.set("email", text);
            event.properties.set("consent", std::move(consent));
        } else {
            event.properties.set(key, value_of(text));
        }
    }

    std::string show(const std::string& id) {
        const engine::Shard& shard = world_->shard_of(id);
        const auto customer = shard.customers().find(id);
        if (!customer.has_value()) {
            return "unknown customer\n";
        }
        const customer::Customers& customers = shard.customers();
        if (const auto into = customers.merged_into(*customer); !into.empty()) {
            return "merged into " + std::string(into) + "\n";
        }
        std::string text;
        for (const std::string_view name :
             {"email", "plan", "orders.count", "orders.revenue", "orders.gap", "refunds.count"}) {
            const Value value = customers.trait(*customer, name);
            text += value.is_null() ? "" : std::string(name) + " " + to_json(value) + "\n";
        }
        for (const std::string& name : customers.event_names()) {
            if (const auto times = customers.event_times(*customer, name); !times.empty()) {
                text += name + " x" + std::to_string(times.size()) + "\n";
            }
        }
        for (const auto& entry : shard.enrollments(*customer)) {
            text +=
                "journey " + entry.journey + " " +
                std::string(journey::enrollment_state_name(entry.state)) +
                (entry.goal_at.has_value() ? " returned" : "") +
                (entry.goal_revenue == Micros{} ? ""
                                                : " " + to_json(to_double(entry.goal_revenue))) +
                "\n";
        }
        return text.empty() ? "nothing known\n" : text;
    }

    std::string decision(const std::string& verb, const std::string& step) {
        const engine::MessageDecided* decided = world_->last_decision(step);
        if (decided == nullptr) {
            return "no such message\n";
        }
        if (verb == "message") {
            return "to " + decided->rendered.to + "\nsubject " + decided->rendered.subject + "\n" +
                   decided->rendered.language + " " + decided->rendered.direction + "\n";
        }
        if (verb == "letter") {
            const message::RenderedMessage& letter = decided->rendered;
            return "from " + letter.from_name + " <" + letter.from + ">\nreply to " +
                   letter.reply_to + "\n" + letter.text.substr(0, letter.text.find('\n')) + "\n";
        }
        std::string text;
        for (const Value& gate : *decided->explanation.find("gates")->as_list()) {
            const ValueMap& map = *gate.as_map();
            const std::string& detail = *map.find("detail")->as_string();
            text += std::string(*map.find("passed")->as_bool() ? "passed " : "STOPPED ") +
                    *map.find("gate")->as_string() + (detail.empty() ? "" : ": " + detail) + "\n";
        }
        return text;
    }

    std::unique_ptr<World> world_ = std::make_unique<World>(4);
    int messages_ = 0;
};

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, IsAsTold) {
    Story story;
    const auto failures = run_scenario(
        GetParam(), [&](const Block& block) { return story.run(block); },
        std::getenv("UPDATE") != nullptr);
    for (const std::string& failure : failures) {
        ADD_FAILURE() << failure;
    }
}

std::vector<std::string> scenario_files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator("test/scenario/engine")) {
        if (entry.path().extension() == ".scn") {
            files.push_back(entry.path().string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

INSTANTIATE_TEST_SUITE_P(Files,
                         Scenario,
                         testing::ValuesIn(scenario_files()),
                         [](const testing::TestParamInfo<std::string>& file) {
                             return std::filesystem::path(file.param).stem().string();
                         });

}  // namespace
}  // namespace winback::test
