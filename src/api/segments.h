// Segments as they stand: how many are in, by which conditions, who uses them, and why somebody
// is in or not.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/cached.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "engine/definitions.h"
#include "engine/shard.h"

namespace winback::host {
struct ShardView;
}  // namespace winback::host

namespace winback::api {

// {now, customers, segments: [...]}: those of the playbook by id, each with its count, its share
// and who uses it. Blocks.
ValueMap list_segments(Desk& desk);

// One of them: its condition in pieces for the eye, how many are left after each part of it, who
// uses it. Fails with NotFound.
Result<ValueMap> describe_segment(Desk& desk, std::string_view id);

// {customer, known, at, holds, next_flip, facts, scores_of_today}: every atom of the condition with
// what was found for this customer, and when it next flips by time alone (engine/explanation.h);
// as of a past moment where one is given. Fails with NotFound.
Result<ValueMap> explain_segment(Desk& desk,
                                 std::string_view id,
                                 std::string_view customer,
                                 const std::optional<Timestamp>& at = std::nullopt);

// The customer of that id, or the one into whom they were merged, on their worker. Fails with
// NotFound.
Result<ValueMap> ask_customer(
    Desk& desk,
    std::string_view customer,
    const std::function<ValueMap(const host::ShardView& view, customer::CustomerIndex c)>& ask);

// A condition cut for showing: [{kind, text}], which together are the text. Kinds: space, comment,
// name, call, text, number, word, sign.
ValueList condition_pieces(std::string_view text);

// The parts that a condition joins with &&, printed; the whole where it does not. Empty where the
// text has mistakes.
std::vector<std::string> condition_parts(std::string_view text);
// The same with what each part is made of where it is a group: what || or && joins in it, or in its
// opposite. A part that is none has no parts.
struct ConditionPart {
    std::string text;
    std::vector<ConditionPart> parts;
};
std::vector<ConditionPart> condition_groups(std::string_view text);

// The tree form (expr/tree.h); null where the text has mistakes.
Value condition_tree(std::string_view text);

// {kind, id, name, enters} of each journey and segment that asks for it.
ValueList users_of(const engine::Definitions& definitions, std::string_view segment);

// Fails with NotFound.
Result<const segment::Segment*> find_segment(const engine::DefinitionsPtr& definitions,
                                             std::string_view id);

// Whether a customer is in the segment now, from what is kept of everybody: no condition is
// evaluated. {segment, customer, member, now}; an id that was merged into another answers for that
// one. Fails with NotFound.
Result<ValueMap> membership_of(Desk& desk, std::string_view segment, std::string_view customer);
// The same of one moment's view of a shard. False when the shard does not know the segment (yet).
class Membership {
public:
    Membership(const engine::Shard& shard, std::string_view segment);
    bool holds(customer::CustomerIndex customer) const;

private:
    const engine::Shard& shard_;
    std::optional<std::size_t> position_;
};

// How many customers are left after each of the parts that a condition joins with &&.
struct Funnel {
    std::vector<std::string> parts;
    std::vector<std::uint64_t> left;
    std::uint64_t customers = 0;
    Timestamp as_of;
};
class FunnelCache {
public:
    explicit FunnelCache(Desk& desk) : desk_(desk) {}
    std::shared_ptr<const Funnel> get(const engine::Definitions& definitions,
                                      const segment::Segment& segment);

private:
    Desk& desk_;
    std::mutex mutex_;
    std::uint64_t version_ = 0;
    std::map<std::string, std::shared_ptr<Cached<Funnel>>> funnels_;
};

}  // namespace winback::api
