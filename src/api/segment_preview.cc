#include "api/segment_preview.h"

#include <utility>
#include <vector>

#include "api/past.h"
#include "api/segments.h"
#include "api/walk.h"
#include "customer/marks.h"
#include "directory/table.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using Marks = std::vector<std::uint64_t>;

constexpr int room_threads = 3;
constexpr std::size_t room_waiting_max = 32;

// Those who would enter, or leave.
struct Movers {
    std::uint64_t customers = 0;
    std::vector<std::pair<std::string, std::string>> sample;  // Ids and names.

    void add(const customer::Customers& base, CustomerIndex c) {
        customers += 1;
        if (sample.size() < preview_sample_max) {
            sample.emplace_back(base.id(c), directory::name_of(base, c));
        }
    }
    Value value() const {
        ValueList list;
        for (const auto& [id, name] : sample) {
            ValueMap one;
            one.set("id", id);
            one.set("name", name);
            list.emplace_back(std::move(one));
        }
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(customers));
        map.set("sample", std::move(list));
        return map;
    }
};

// Those of [from, to).
Marks slice_of(const Marks& marks, CustomerIndex from, CustomerIndex to) {
    Marks slice((to - from + std::size_t{63}) / 64);
    for (CustomerIndex c = from; c < to && c < marks.size() * 64; ++c) {
        slice[(c - from) / 64] |= std::uint64_t{customer::is_marked(marks, c) ? 1U : 0U}
                                  << ((c - from) % 64);
    }
    return slice;
}

class Pass {
public:
    Pass(Desk& desk, const ConditionDraft& draft, const std::string& segment)
        : desk_(desk),
          segment_(segment),
          now_(desk.host().now()),
          parts_(counted_parts(desk, draft.text)) {}

    bool run(const std::atomic<bool>& stopping) {
        return Walk(desk_.host())
            .run([this](const host::ShardView& view, CustomerIndex from,
                        CustomerIndex to) { read(view, from, to); },
                 &stopping);
    }
    // What the histories said, and whom that moves now.
    bool take(const PastPass& past, const std::atomic<bool>& stopping) {
        now_ = past.at;
        parts_ = past.parts;
        of_ = past.of;
        const std::vector<Marks> held = past_marks(desk_, past);
        return segment_.empty() ||
               Walk(desk_.host())
                   .run(
                       [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
                           const Marks present = view.shard.customers().present(from, to);
                           compare(view, from, present, slice_of(held[view.id], from, to));
                       },
                       &stopping);
    }

    void describe(ValueMap& map) const {
        map.set("now", now_);
        map.set("customers",
                static_cast<std::int64_t>(parts_.empty() ? std::uint64_t{0} : parts_.back().left));
        map.set("of", static_cast<std::int64_t>(of_));
        ValueList list;
        for (const CountedPart& part : parts_) {
            ValueMap one;
            one.set("text", part.text);
            one.set("customers", static_cast<std::int64_t>(part.left));
            one.set("alone", static_cast<std::int64_t>(part.alone));
            list.emplace_back(std::move(one));
        }
        map.set("parts", std::move(list));
        map.set("entering", segment_.empty() ? Value() : entering_.value());
        map.set("leaving", segment_.empty() ? Value() : leaving_.value());
    }

private:
    void read(const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        const customer::Customers& customers = view.shard.customers();
        const Marks present = customers.present(from, to);
        of_ += customer::mark_count(present);
        Marks left = present;
        for (CountedPart& part : parts_) {
            Marks alone = present;
            if (part.compiled.condition) {
                view.shard.query(*part.compiled.condition, part.compiled.symbols)
                    ->narrow(from, alone, now_);
            }
            part.alone += customer::mark_count(alone);
            for (std::size_t i = 0; i < left.size(); ++i) {
                left[i] &= alone[i];
            }
            part.left += customer::mark_count(left);
        }
        if (!segment_.empty()) {
            compare(view, from, present, left);
        }
    }
    void compare(const host::ShardView& view,
                 CustomerIndex from,
                 const Marks& present,
                 const Marks& held) {
        const Membership membership(view.shard, segment_);
        for (std::size_t i = 0; i < present.size() * 64; ++i) {
            if (!customer::is_marked(present, i)) {
                continue;
            }
            const auto c = static_cast<CustomerIndex>(from + i);
            const bool member = membership.holds(c);
            if (member != customer::is_marked(held, i)) {
                (member ? leaving_ : entering_).add(view.shard.customers(), c);
            }
        }
    }

    Desk& desk_;
    const std::string& segment_;
    Timestamp now_;
    std::vector<CountedPart> parts_;
    std::uint64_t of_ = 0;
    Movers entering_;
    Movers leaving_;
};

ValueMap progress_value(const PastPass& past) {
    ValueMap map;
    map.set("ready", past.ready.load());
    map.set("looked_at", static_cast<std::int64_t>(past.looked_at));
    map.set("all", static_cast<std::int64_t>(past.all));
    return map;
}

// What there is to say without a pass.
void describe_nothing(ValueMap& map, const ConditionDraft& draft) {
    map.set("customers", Value());
    map.set("of", Value());
    ValueList list;
    for (std::string& text : condition_parts(draft.text)) {
        ValueMap one;
        one.set("text", std::move(text));
        one.set("customers", Value());
        one.set("alone", Value());
        list.emplace_back(std::move(one));
    }
    map.set("parts", std::move(list));
    map.set("entering", Value());
    map.set("leaving", Value());
}

}  // namespace

Result<std::optional<ValueMap>> preview_segment(Desk& desk,
                                                ConditionDraft draft,
                                                const SegmentQuestion& question,
                                                const std::atomic<bool>& stopping) {
    using Answer = Result<std::optional<ValueMap>>;
    const bool counts = draft.compiled.condition.has_value() && question.people;
    const bool kept = !draft.compiled.condition || is_kept(desk, draft.compiled);
    PastPassPtr past;
    if (!kept) {
        draft.warn(property_not_kept(desk, draft.text, draft.compiled));
        if (counts) {
            const auto compiled = std::make_shared<const CompiledCondition>(draft.compiled);
            WINBACK_TRY(past, desk.part<PastPasses>().get_current(compiled, question.asker));
        }
    }
    const bool counted = counts && (kept || past->ready);
    Pass pass(desk, draft, question.segment);
    if (counted && !(kept ? pass.run(stopping) : pass.take(*past, stopping))) {
        return Answer(std::nullopt);
    }
    ValueMap map = draft_value(draft);
    map.set("now", desk.host().now());
    map.set("withheld", !question.people);
    map.set("histories", past == nullptr ? Value() : Value(progress_value(*past)));
    if (counted) {
        pass.describe(map);
    } else {
        describe_nothing(map, draft);
    }
    return Answer(std::move(map));
}

SegmentPreviews::SegmentPreviews(Desk& desk)
    : room_(std::make_shared<Desk>(
          desk.host(),
          DeskOptions{.threads = desk.options().threads == 0 ? 0 : room_threads,
                      .waiting_max = room_waiting_max,
                      .overview_age_max = desk.options().overview_age_max})) {}

SegmentPreviews::Turn::Turn(SegmentPreviews& previews, std::string asker)
    : previews_(previews),
      asker_(std::move(asker)),
      stopping_(std::make_shared<std::atomic<bool>>(false)) {
    if (asker_.empty()) {
        return;
    }
    const std::lock_guard lock(previews_.mutex_);
    std::shared_ptr<std::atomic<bool>>& slot = previews_.under_way_[asker_];
    if (slot != nullptr) {
        *slot = true;
    }
    slot = stopping_;
}

SegmentPreviews::Turn::~Turn() {
    const std::lock_guard lock(previews_.mutex_);
    const auto own = previews_.under_way_.find(asker_);
    if (own != previews_.under_way_.end() && own->second == stopping_) {
        previews_.under_way_.erase(own);
    }
}

}  // namespace winback::api
