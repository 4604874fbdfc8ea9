// What a condition would mean before anybody saves it: how many customers, how many each part of
// it leaves, and who would come into a segment and go out of it.
//
// One pass in slices (walk.h). Whoever types asks anew with every word, so an editor's next
// question ends the pass of the one before.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/condition_draft.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::api {

constexpr std::size_t preview_sample_max = 10;  // Named of those who enter and of those who leave.

struct SegmentQuestion {
    std::string segment;  // Whose members are compared; empty: nobody's.
    // Whether who asks may see people. Who may not gets no number either: a condition can ask about
    // one person.
    bool people = false;
    std::string asker;  // The editor that asks; empty: none (PastPasses::get_current).
};

// {condition, tree, diagnostics, now, withheld, customers, of, parts: [{text, customers, alone}],
// entering, leaving, histories}. Numbers are null while there are mistakes and where they are
// withheld. `histories` is null, or where what the condition reads is not in memory
// (`property_not_kept` among the diagnostics) says how far the pass over the histories is that
// counts it: {ready, looked_at, all}; until it is ready numbers are null, and the same question
// finds it. Nothing when `stopping` became true. Fails with Unavailable when too many passes wait.
// Blocks.
Result<std::optional<ValueMap>> preview_segment(Desk& desk,
                                                ConditionDraft draft,
                                                const SegmentQuestion& question,
                                                const std::atomic<bool>& stopping);

// Part of the desk.
class SegmentPreviews {
public:
    explicit SegmentPreviews(Desk& desk);

    // Where previews wait and work, so that no page does.
    const std::shared_ptr<Desk>& room() const { return room_; }

    // Ends the preview of the same asker, an editor of a session, that is under way. `asker` may be
    // empty: then it ends nothing.
    class Turn {
    public:
        Turn(SegmentPreviews& previews, std::string asker);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        const std::atomic<bool>& stopping() const { return *stopping_; }

    private:
        SegmentPreviews& previews_;
        std::string asker_;
        std::shared_ptr<std::atomic<bool>> stopping_;
    };

private:
    std::shared_ptr<Desk> room_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<std::atomic<bool>>> under_way_;  // By session.
};

}  // namespace winback::api
