// Facts kept in memory, for the tests, the fuzzer and the benchmark of conditions.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "expr/ast.h"
#include "expr/facts.h"

namespace winback::expr {

struct TestEvent {
    std::string name;
    Timestamp time;
    ValueMap properties;
};

inline bool selects(const std::string& pattern, const std::string& name) {
    if (pattern.ends_with("*")) {
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    return pattern == name;
}

class TestFacts final : public Facts {
public:
    explicit TestFacts(const Symbols& symbols) : symbols_(&symbols) {}

    Timestamp at{0};
    const Zone* in_zone = &utc_zone();
    ValueMap traits;
    std::vector<TestEvent> history;
    std::vector<std::pair<std::string, Timestamp>> messages;
    std::map<std::string, std::vector<ConsentChange>, std::less<>> consents;
    std::vector<std::string> segments;
    ValueMap scores;

    // Call after changing `history` or `messages`.
    void sort() {
        std::stable_sort(history.begin(), history.end(),
                         [](const auto& a, const auto& b) { return a.time < b.time; });
        std::stable_sort(messages.begin(), messages.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    }

    Timestamp now() const override { return at; }
    const Zone& zone() const override { return *in_zone; }

    Value trait(TraitId id) const override { return look_up(traits, symbols_->traits.at(id)); }

    EventView events(EventSetId id) const override {
        const EventSet& set = symbols_->event_sets.at(id);
        std::vector<const TestEvent*> found;
        times_.clear();
        for (const TestEvent& event : history) {
            if (std::any_of(set.patterns.begin(), set.patterns.end(),
                            [&](const std::string& p) { return selects(p, event.name); })) {
                found.push_back(&event);
                times_.push_back(event.time);
            }
        }
        cells_.clear();
        for (const std::string& field : set.fields) {
            for (const TestEvent* event : found) {
                cells_.push_back(cell(event->properties.find(field)));
            }
        }
        return {times_, cells_};
    }

    // As if later sets were the larger ones.
    std::size_t events_work(EventSetId id) const override {
        return history.size() * 100 * (std::size_t{id} + 1);
    }

    std::span<const Timestamp> sent(std::string_view campaign) const override {
        sent_.clear();
        for (const auto& [name, time] : messages) {
            if (campaign == "*" || campaign == name) {
                sent_.push_back(time);
            }
        }
        return sent_;
    }

    ConsentState consent(std::string_view channel) const override {
        const auto found = consents.find(channel);
        return found == consents.end() || found->second.empty() ? ConsentState::Unset
                                                                : found->second.back().state;
    }
    std::vector<ConsentChange> consent_changes(std::string_view channel) const override {
        const auto found = consents.find(channel);
        return found == consents.end() ? std::vector<ConsentChange>() : found->second;
    }
    bool in_segment(SegmentId id) const override {
        return std::find(segments.begin(), segments.end(), symbols_->segments.at(id)) !=
               segments.end();
    }
    Value score(ScoreId id) const override {
        const Value* value = scores.find(symbols_->scores.at(id));
        return value == nullptr ? Value() : *value;
    }

private:
    // A dotted name that is no trait itself is a path into one that is a map.
    static Value look_up(const ValueMap& map, std::string_view name) {
        if (const Value* value = map.find(name)) {
            return *value;
        }
        for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
             dot = name.find('.', dot + 1)) {
            const Value* part = map.find(name.substr(0, dot));
            if (part != nullptr && part->as_map() != nullptr) {
                return look_up(*part->as_map(), name.substr(dot + 1));
            }
        }
        return {};
    }

    Cell cell(const Value* value) const {
        Cell cell;
        if (value == nullptr) {
            return cell;
        }
        if (value->as_list() != nullptr || value->as_map() != nullptr) {
            std::string& bytes = encoded_.emplace_back();
            ByteWriter(bytes).value(*value);
            cell.kind = Cell::Kind::Encoded;
            cell.text = bytes;
            return cell;
        }
        if (const bool* b = value->as_bool()) {
            cell.kind = Cell::Kind::Bool;
            cell.integer = *b ? 1 : 0;
        } else if (const std::int64_t* i = value->as_int()) {
            cell.kind = Cell::Kind::Int;
            cell.integer = *i;
        } else if (const double* d = value->as_double()) {
            cell.kind = Cell::Kind::Double;
            cell.real = *d;
        } else if (const std::string* s = value->as_string()) {
            cell.kind = Cell::Kind::Text;
            cell.text = *s;
        } else if (const Timestamp* t = value->as_time()) {
            cell.kind = Cell::Kind::Time;
            cell.integer = t->ms;
        }
        return cell;
    }

    const Symbols* symbols_;
    mutable std::vector<Timestamp> times_;
    mutable std::vector<Cell> cells_;
    mutable std::deque<std::string> encoded_;
    mutable std::vector<Timestamp> sent_;
};

// The value of a tree of literals, lists, maps and timestamp("..").
inline Value literal_value(const Ast& ast, NodeId id) {
    const Node& node = ast.nodes[id];
    if (node.kind == NodeKind::Bool) {
        return node.integer != 0;
    }
    if (node.kind == NodeKind::Int) {
        return node.integer;
    }
    if (node.kind == NodeKind::Double) {
        return node.real;
    }
    if (node.kind == NodeKind::String) {
        return node.text;
    }
    if (node.kind == NodeKind::Call && node.text == "timestamp") {
        return parse_iso8601(ast.nodes[node.children[0]].text).value();
    }
    if (node.kind == NodeKind::Call && node.text == "duration") {
        return parse_duration(ast.nodes[node.children[0]].text).value();
    }
    if (node.kind == NodeKind::List) {
        ValueList list;
        for (const NodeId child : node.children) {
            list.push_back(literal_value(ast, child));
        }
        return list;
    }
    ValueMap map;
    for (std::size_t i = 0; node.kind == NodeKind::Map && i + 1 < node.children.size(); i += 2) {
        map.set(ast.nodes[node.children[i]].text, literal_value(ast, node.children[i + 1]));
    }
    return node.kind == NodeKind::Map ? Value(map) : Value();
}

}  // namespace winback::expr
