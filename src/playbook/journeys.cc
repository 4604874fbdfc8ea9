#include <algorithm>

#include "base/hash.h"
#include "journey/advance.h"
#include "playbook/parts.h"

namespace winback::playbook {
namespace {

using journey::Journey;
using journey::Step;
using journey::StepKind;

// Turns nested steps into the flat list of a journey.
class StepReader {
public:
    StepReader(Reader& reader,
               const expr::Schema& schema,
               engine::Definitions& definitions,
               Journey& journey)
        : reader_(reader), schema_(schema), definitions_(definitions), journey_(journey) {}

    // Appends the steps of a list; each leads to the one after it.
    void read(const YamlNode& list, int depth) {  // NOLINT(misc-no-recursion): step_depth_max
        if (list.kind != YamlNode::Kind::List) {
            reader_.report(list, "wrong_type", "steps must be a list");
            return;
        }
        if (depth > step_depth_max) {
            reader_.report(list, "too_deep", "steps are nested more than 8 deep");
            return;
        }
        for (const YamlNode& node : list.items) {
            read_step(node, depth);
        }
    }

    void check() {
        for (const journey::GraphMistake& mistake : journey::check_graph(journey_)) {
            const YamlNode& at =
                mistake.index < places_.size() ? places_[mistake.index] : YamlNode{};
            reader_.report(at, mistake.code, mistake.message);
        }
    }

private:
    std::uint32_t next_index() const { return static_cast<std::uint32_t>(journey_.steps.size()); }

    Step& append(const YamlNode& at, StepKind kind) {
        Step step;
        step.kind = kind;
        step.next = next_index() + 1;
        step.id = "step_" + std::to_string(next_index() + 1);
        places_.push_back(at);
        return journey_.steps.emplace_back(std::move(step));
    }

    void read_step(const YamlNode& node, int depth) {  // NOLINT(misc-no-recursion)
        if (node.kind == YamlNode::Kind::Scalar && node.text == "exit") {
            append(node, StepKind::Exit);
            return;
        }
        if (node.find("if") != nullptr) {
            read_branch(node, depth);
            return;
        }
        if (!reader_.is_map(node, "a step", {"message", "wait", "if", "then", "else"})) {
            return;
        }
        if (const YamlNode* wait = node.find("wait")) {
            const auto step = reader_.step_of(*wait);
            append(node, StepKind::Wait).wait = step.value_or(CalendarStep{});
        } else if (const YamlNode* message = node.find("message")) {
            read_message(*message);
        } else {
            reader_.report(node, "unknown_step", "a step is message, wait, if or exit");
        }
    }

    void read_message(const YamlNode& node) {
        Step& step = append(node, StepKind::Message);
        if (!reader_.is_map(node, "a message", {"id", "template", "channel", "offer"})) {
            return;
        }
        step.id = reader_.required_text(node, "id", "a message");
        if (const YamlNode* id = node.find("id")) {
            reader_.is_id(*id, id->text);
        }
        step.channel = reader_.channel(node, "channel").value_or(customer::Channel::Email);
        step.template_id = reader_.required_text(node, "template", "a message");
        step.offer_id = reader_.text(node, "offer");
        check_template(node, step);
        if (const YamlNode* offer = node.find("offer");
            offer && definitions_.offers.find(offer->text) == definitions_.offers.end()) {
            reader_.report(*offer, "unknown_offer",
                           "there is no offer '" + offer->text + "' in offers/");
        }
    }

    void check_template(const YamlNode& node, const Step& step) {
        const YamlNode* at = node.find("template");
        if (at == nullptr) {
            return;
        }
        const auto found = definitions_.templates.find(step.template_id);
        if (found == definitions_.templates.end()) {
            if (reader_.has_mistakes("templates/" + step.template_id + ".")) {
                return;
            }
            std::vector<std::string> known;
            for (const auto& [id, message_template] : definitions_.templates) {
                known.push_back(id);
            }
            const std::string_view near = nearest(step.template_id, known);
            reader_.report(*at, "unknown_template",
                           "there is no template '" + step.template_id + "' in templates/" +
                               (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
        } else if (found->second.channel != customer::channel_name(step.channel)) {
            reader_.report(*at, "wrong_channel",
                           "the template '" + step.template_id + "' is for " +
                               found->second.channel + ", the step sends by " +
                               std::string(customer::channel_name(step.channel)));
        } else if (found->second.transactional) {
            report_transactional(*at, step);
        }
    }

    // What is transactional needs no consent and has no way out: nothing that promotes may be.
    void report_transactional(const YamlNode& at, const Step& step) {
        const std::string named = "the template '" + step.template_id + "' is transactional";
        if (!step.offer_id.empty()) {
            reader_.report(
                at, "transactional_offer",
                named +
                    ": it is sent without consent and has no unsubscribe link; a message "
                    "with an offer needs both, so take 'transactional' out of its head");
        } else {
            reader_.warn(at, "transactional_journey",
                         named +
                             ": it is sent without consent and has no unsubscribe link; a journey "
                             "of a segment seldom sends what a customer asked for");
        }
    }

    void read_branch(const YamlNode& node, int depth) {  // NOLINT(misc-no-recursion)
        if (!reader_.is_map(node, "a branch", {"if", "then", "else"})) {
            return;
        }
        const std::uint32_t branch = next_index();
        append(node, StepKind::Branch);
        auto condition = reader_.condition(*node.find("if"), schema_, definitions_.symbols);
        if (condition.has_value()) {
            journey_.steps[branch].condition = *std::move(condition);
        }
        if (const YamlNode* then = reader_.required(node, "then", "a branch")) {
            read(*then, depth + 1);
        }
        const std::uint32_t then_end = next_index();
        if (const YamlNode* otherwise = node.find("else")) {
            read(*otherwise, depth + 1);
        }
        // Both ways join at the step that follows: the last one of `then` jumps over `else`.
        const std::uint32_t join = next_index();
        for (std::uint32_t i = branch + 1; i < then_end; ++i) {
            Step& step = journey_.steps[i];
            step.next = step.next == then_end ? join : step.next;
            step.otherwise = step.otherwise == then_end ? join : step.otherwise;
        }
        journey_.steps[branch].otherwise = then_end;
        if (then_end == branch + 1) {
            journey_.steps[branch].next = join;
        }
    }

    Reader& reader_;
    const expr::Schema& schema_;
    engine::Definitions& definitions_;
    Journey& journey_;
    std::vector<YamlNode> places_;
};

void read_enter(Reader& reader,
                const YamlNode& root,
                const engine::Definitions& definitions,
                Journey& journey) {
    const YamlNode* enter = reader.required(root, "enter", "a journey");
    if (enter == nullptr ||
        !reader.is_map(*enter, "enter", {"segment", "members_at_start", "again_after"})) {
        return;
    }
    journey.segment = reader.required_text(*enter, "segment", "enter");
    if (const YamlNode* node = enter->find("segment");
        node && definitions.segment(node->text) == nullptr &&
        !reader.has_mistakes("segments/" + node->text + ".yaml")) {
        reader.report(*node, "unknown_segment",
                      "there is no segment '" + node->text + "' in segments/");
    }
    journey.enter_members_at_start = reader.flag(*enter, "members_at_start", false);
    if (const auto after = reader.step(*enter, "again_after")) {
        journey.reentry = {.allowed = true, .after = *after};
    }
}

void read_goal(Reader& reader,
               const YamlNode& root,
               const expr::Schema& schema,
               engine::Definitions& definitions,
               Journey& journey) {
    const YamlNode* goal = reader.required(root, "goal", "a journey");
    if (goal == nullptr || !reader.is_map(*goal, "a goal", {"event", "within", "where"})) {
        return;
    }
    journey.goal.event = reader.required_text(*goal, "event", "a goal");
    if (reader.required(*goal, "within", "a goal") != nullptr) {
        journey.goal.within = reader.step(*goal, "within").value_or(journey.goal.within);
    }
    if (const YamlNode* where = goal->find("where")) {
        journey.goal.where = reader.condition(*where, schema, definitions.symbols);
    }
}

}  // namespace

void read_journey(Reader& reader,
                  const YamlNode& root,
                  const expr::Schema& schema,
                  engine::Definitions& definitions,
                  Journey& journey) {
    if (!reader.is_map(root, "a journey",
                       {"name", "description", "enter", "hold_out", "goal", "exit", "steps"})) {
        return;
    }
    const std::string& language = definitions.workspace.language;
    journey.name = reader.required_words(root, "name", "a journey", language);
    journey.description = reader.words(root, "description", language);
    journey.names = Reader::all_words(root, "name");
    journey.descriptions = Reader::all_words(root, "description");
    journey.version = hash64(reader.source());
    read_enter(reader, root, definitions, journey);
    journey.salt = journey.id;
    if (const YamlNode* hold_out = root.find("hold_out");
        hold_out && reader.is_map(*hold_out, "hold_out", {"share", "salt"})) {
        journey.holdout = reader.number(*hold_out, "share", 0, 1, 0.10);
        journey.salt = reader.text(*hold_out, "salt", journey.id);
    }
    read_goal(reader, root, schema, definitions, journey);
    if (const YamlNode* exits = root.find("exit")) {
        if (exits->kind != YamlNode::Kind::List) {
            reader.report(*exits, "wrong_type", "'exit' must be a list of conditions");
        }
        for (const YamlNode& node : exits->items) {
            if (auto condition = reader.condition(node, schema, definitions.symbols)) {
                journey.exits.push_back(*std::move(condition));
            }
        }
    }
    StepReader steps(reader, schema, definitions, journey);
    if (const YamlNode* node = reader.required(root, "steps", "a journey")) {
        steps.read(*node, 0);
        steps.check();
    }
}

}  // namespace winback::playbook
