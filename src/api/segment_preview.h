// What a condition would mean before anybody saves it: how many customers, how many each part of
// it leaves, and who would come into a segment and go out of it.
//
// One pass in slices (walk.h). Whoever types asks anew with every word, so an editor's next
// question ends the pass of the one before (preview_turns.h).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/condition.h"
#include "api/condition_draft.h"
#include "api/desk.h"
#include "api/past.h"
#include "api/walk.h"
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

class SegmentPreview {
public:
    // Where what the condition reads is not in memory, waits a moment for the pass over the
    // histories; what has a count goes on with that. Fails with Unavailable when too many of these
    // passes wait. Blocks.
    static Result<std::unique_ptr<SegmentPreview>> begin(Desk& desk,
                                                         ConditionDraft draft,
                                                         SegmentQuestion question);
    ~SegmentPreview();

    // Whether there is anything to count: there are no mistakes, nothing is withheld, and the
    // histories, if they are needed, have been read.
    bool counts() const { return counts_; }
    // Goes on counting for about as long. Pre: counts(). Blocks.
    Walk::End count_for(std::chrono::milliseconds time, const std::atomic<bool>& stopping);
    // To its end; false when `stopping` became true.
    bool count_whole(const std::atomic<bool>& stopping);
    // {looked_at, all, of, customers}: how far it is, and of how many customers how many meet the
    // condition so far.
    ValueMap progress() const;
    // {condition, tree, diagnostics, now, withheld, customers, of, parts: [{text, customers,
    // alone}], entering, leaving, histories}. Numbers are null where there is nothing to count.
    // `histories` is null, or where what the condition reads is not in memory (`property_not_kept`
    // among the diagnostics) says how far the pass over the histories is that counts it: {ready,
    // looked_at, all}; until it is ready numbers are null, and the same question finds it.
    // Pre: what there is to count was counted to its end.
    ValueMap answer() const;

private:
    class Count;
    SegmentPreview(Desk& desk, ConditionDraft draft, SegmentQuestion question, PastPassPtr past);

    Desk& desk_;
    const ConditionDraft draft_;
    const SegmentQuestion question_;
    const PastPassPtr past_;
    bool counts_ = false;
    std::unique_ptr<Count> count_;
};

// The answer, whole. Nothing when `stopping` became true. Fails as SegmentPreview::begin. Blocks.
Result<std::optional<ValueMap>> preview_segment(Desk& desk,
                                                ConditionDraft draft,
                                                const SegmentQuestion& question,
                                                const std::atomic<bool>& stopping);

}  // namespace winback::api
