#include "api/segment_preview.h"

#include <utility>

#include "api/segments.h"
#include "customer/marks.h"
#include "directory/table.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using Marks = std::vector<std::uint64_t>;

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

// {text, alone, parts}. Recursion is bounded by the depth of the condition.
ValueMap alone_value(const CountedPart& part) {
    ValueList inner;
    for (const CountedPart& one : part.parts) {
        inner.emplace_back(alone_value(one));
    }
    ValueMap map;
    map.set("text", part.text);
    map.set("alone", static_cast<std::int64_t>(part.alone));
    map.set("parts", std::move(inner));
    return map;
}

ValueMap histories_value(const PastPass& past) {
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
        one.set("parts", ValueList{});
        list.emplace_back(std::move(one));
    }
    map.set("parts", std::move(list));
    map.set("entering", Value());
    map.set("leaving", Value());
}

}  // namespace

// One pass: counts the parts, or takes what the histories said of them, and compares with the
// members.
class SegmentPreview::Count {
public:
    Count(Desk& desk, const ConditionDraft& draft, const std::string& segment)
        : walk_(desk.host()),
          segment_(segment),
          now_(desk.host().now()),
          parts_(counted_parts(desk, draft.text)),
          whole_(shares_limits(draft.compiled, parts_) ? &draft.compiled : nullptr) {}
    Count(Desk& desk, const PastPass& past, const std::string& segment)
        : walk_(desk.host()),
          segment_(segment),
          now_(past.at),
          parts_(past.parts),
          of_(past.of),
          exhausted_(past.exhausted),
          past_(past_marks(desk, past)) {}

    Walk::End run_for(std::chrono::milliseconds time, const std::atomic<bool>& stopping) {
        if (past_ && segment_.empty()) {
            return Walk::End::Whole;
        }
        const auto ask = [this](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                                expr::Interrupt& interrupt) {
            if (past_) {
                const Marks present = view.shard.customers().present(from, to);
                compare(view, from, present, slice_of((*past_)[view.id], from, to));
            } else {
                count(view, from, to, interrupt);
            }
            looked_at_ += interrupt.given_up() ? 0 : to - from;
        };
        return walk_.run_for(time, ask, &stopping);
    }

    std::uint64_t looked_at() const { return looked_at_; }
    std::uint64_t of() const { return of_; }
    std::uint64_t exhausted() const { return exhausted_; }
    std::uint64_t customers() const { return parts_.empty() ? 0 : parts_.back().left; }

    void describe(ValueMap& map) const {
        map.set("now", now_);
        map.set("customers", static_cast<std::int64_t>(customers()));
        map.set("of", static_cast<std::int64_t>(of_));
        ValueList list;
        for (const CountedPart& part : parts_) {
            ValueMap one = alone_value(part);
            one.set("customers", static_cast<std::int64_t>(part.left));
            list.emplace_back(std::move(one));
        }
        map.set("parts", std::move(list));
        map.set("entering", segment_.empty() ? Value() : entering_.value());
        map.set("leaving", segment_.empty() ? Value() : leaving_.value());
    }

private:
    // What a slice adds to the numbers of the parts.
    struct Tally {
        std::vector<std::uint64_t> left;   // By part.
        std::vector<std::uint64_t> alone;  // Of all parts, those of each before it.
        std::uint64_t exhausted = 0;
    };

    void count(const host::ShardView& view,
               CustomerIndex from,
               CustomerIndex to,
               expr::Interrupt& interrupt) {
        const Marks present = view.shard.customers().present(from, to);
        Tally tally;
        Marks left = present;
        for (const CountedPart& part : parts_) {
            Marks alone = present;
            std::uint64_t exhausted = count_alone(view, from, part, alone, interrupt, tally);
            for (std::size_t i = 0; i < left.size(); ++i) {
                left[i] &= alone[i];
            }
            const bool last = &part == &parts_.back();
            if (last && whole_ != nullptr) {
                left = present;
                exhausted = narrow(view, from, *whole_, left, interrupt);
            }
            tally.exhausted += last ? exhausted : 0;
            tally.left.push_back(customer::mark_count(left));
            if (interrupt.given_up()) {
                return;
            }
        }
        add(tally);
        of_ += customer::mark_count(present);
        if (!segment_.empty()) {
            compare(view, from, present, left);
        }
    }
    // Keeps those for whom it holds; says for how many a limit was met.
    std::uint64_t narrow(const host::ShardView& view,
                         CustomerIndex from,
                         const CompiledCondition& asked,
                         Marks& marks,
                         expr::Interrupt& interrupt) const {
        const auto query = view.shard.query(*asked.condition, asked.symbols, &interrupt);
        query->narrow(from, marks, now_);
        return query->exhausted();
    }
    // The same of a part, and counts them, with its own parts. Recursion is bounded by the depth of
    // the condition.
    std::uint64_t count_alone(const host::ShardView& view,
                              CustomerIndex from,
                              const CountedPart& part,
                              Marks& marks,
                              expr::Interrupt& interrupt,
                              Tally& tally) const {
        for (const CountedPart& inner : part.parts) {
            Marks own = marks;
            count_alone(view, from, inner, own, interrupt, tally);
        }
        const std::uint64_t exhausted =
            part.compiled.condition ? narrow(view, from, part.compiled, marks, interrupt) : 0;
        tally.alone.push_back(customer::mark_count(marks));
        return exhausted;
    }
    void add(const Tally& tally) {
        std::size_t next = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            parts_[i].left += tally.left[i];
            add_alone(tally, next, parts_[i]);
        }
        exhausted_ += tally.exhausted;
    }
    // In the order of count_alone. Recursion is bounded as there.
    static void add_alone(const Tally& tally, std::size_t& next, CountedPart& part) {
        for (CountedPart& inner : part.parts) {
            add_alone(tally, next, inner);
        }
        part.alone += tally.alone[next++];
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

    Walk walk_;
    const std::string& segment_;
    const Timestamp now_;
    std::vector<CountedPart> parts_;
    const CompiledCondition* whole_ = nullptr;  // Null: its parts say what it says.
    std::uint64_t of_ = 0;
    std::uint64_t exhausted_ = 0;
    std::uint64_t looked_at_ = 0;
    std::optional<std::vector<Marks>> past_;  // By shard: who met the condition.
    Movers entering_;
    Movers leaving_;
};

Result<std::unique_ptr<SegmentPreview>> SegmentPreview::begin(Desk& desk,
                                                              ConditionDraft draft,
                                                              SegmentQuestion question) {
    PastPassPtr past;
    if (draft.compiled.condition && !is_kept(desk, draft.compiled)) {
        draft.warn(property_not_kept(desk, draft.text, draft.compiled));
        if (question.people) {
            const auto compiled = std::make_shared<const CompiledCondition>(draft.compiled);
            WINBACK_TRY(past, desk.part<PastPasses>().get_current(compiled, question.asker));
        }
    }
    return std::unique_ptr<SegmentPreview>(
        new SegmentPreview(desk, std::move(draft), std::move(question), std::move(past)));
}

SegmentPreview::SegmentPreview(Desk& desk,
                               ConditionDraft draft,
                               SegmentQuestion question,
                               PastPassPtr past)
    : desk_(desk),
      draft_(std::move(draft)),
      question_(std::move(question)),
      past_(std::move(past)),
      counts_(draft_.compiled.condition && question_.people && (past_ == nullptr || past_->ready)) {
    if (counts_) {
        count_ = past_ == nullptr ? std::make_unique<Count>(desk_, draft_, question_.segment)
                                  : std::make_unique<Count>(desk_, *past_, question_.segment);
    }
}

SegmentPreview::~SegmentPreview() = default;

Walk::End SegmentPreview::count_for(std::chrono::milliseconds time,
                                    const std::atomic<bool>& stopping) {
    return count_->run_for(time, stopping);
}

bool SegmentPreview::count_whole(const std::atomic<bool>& stopping) {
    return count_for(Walk::no_end, stopping) == Walk::End::Whole;
}

ValueMap SegmentPreview::progress() const {
    std::atomic<std::uint64_t> all = 0;
    desk_.host().query([&](const host::ShardView& view) { all += view.shard.customers().size(); });
    ValueMap map;
    map.set("looked_at", static_cast<std::int64_t>(count_->looked_at()));
    map.set("all", static_cast<std::int64_t>(all));
    map.set("of", static_cast<std::int64_t>(count_->of()));
    map.set("customers", static_cast<std::int64_t>(count_->customers()));
    return map;
}

ValueMap SegmentPreview::answer() const {
    ConditionDraft draft = draft_;
    if (counts_ && count_->exhausted() > 0) {
        draft.warn(too_much_to_look_at(count_->exhausted(), draft.text));
    }
    ValueMap map = draft_value(draft);
    map.set("now", desk_.host().now());
    map.set("withheld", !question_.people);
    map.set("histories", past_ == nullptr ? Value() : Value(histories_value(*past_)));
    if (counts_) {
        count_->describe(map);
    } else {
        describe_nothing(map, draft_);
    }
    return map;
}

Result<std::optional<ValueMap>> preview_segment(Desk& desk,
                                                ConditionDraft draft,
                                                const SegmentQuestion& question,
                                                const std::atomic<bool>& stopping) {
    WINBACK_TRY(const std::unique_ptr<SegmentPreview> preview,
                SegmentPreview::begin(desk, std::move(draft), question));
    if (preview->counts() && !preview->count_whole(stopping)) {
        return std::optional<ValueMap>();
    }
    return std::optional(preview->answer());
}

}  // namespace winback::api
