// Segments as they stand: how many are in, by which conditions, who uses them, and why somebody
// is in or not.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/cached.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "engine/definitions.h"

namespace winback::api {

// {now, customers, segments: [...]}: those of the playbook by id, each with its count, its share
// and who uses it. Blocks.
ValueMap list_segments(Desk& desk);

// One of them: its condition in pieces for the eye, how many are left after each part of it, who
// uses it. Fails with NotFound.
Result<ValueMap> describe_segment(Desk& desk, std::string_view id);

// Every atom of the condition with what was found for this customer. Fails with NotFound.
Result<ValueMap> explain_segment(Desk& desk, std::string_view id, std::string_view customer);

// A condition cut for showing: [{kind, text}], which together are the text. Kinds: space, comment,
// name, call, text, number, word, sign.
ValueList condition_pieces(std::string_view text);

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
