// The inside of a Shard, shared by the files that each carry one part of its behaviour:
// shard.cc (inputs), identity.cc (merging), watch.cc (segments), conduct.cc (journeys),
// decide.cc (messages), rows.cc (persistence). Not for use outside this folder.
#pragma once

#include <map>
#include <memory>
#include <queue>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "customer/facts.h"
#include "engine/scores.h"
#include "engine/shard.h"
#include "segment/dependency.h"

namespace winback::engine {

using customer::CustomerIndex;

class EngineFacts;

// One version of the definitions with what this shard needs to evaluate it.
struct Loaded {
    DefinitionsPtr definitions;
    customer::Binding binding;
    segment::Dependencies dependencies;
    // By expr::SegmentId: position in definitions->segments, -1 when there is no such segment.
    std::vector<int> segment_positions;
    std::vector<std::optional<Score>> scores;  // By expr::ScoreId.
    // Version since which each segment has meant the same, and since which each journey exists:
    // by position in the definitions. Only kept for the current version.
    std::vector<std::uint64_t> segment_since;
    std::vector<std::uint64_t> journey_since;

    explicit Loaded(DefinitionsPtr loaded);
    // What is the same as in `before`, which may be null, keeps its age.
    void date_parts(const Loaded* before);
};

// The local day of the workspace that was looked up last: scores are constant within it.
struct LocalDay {
    const Zone* zone = nullptr;
    Timestamp start = timestamp_max;
    Timestamp end = timestamp_min;
};

// "Journey Entered", "Journey Exited", …
Fact journey_fact(std::string_view customer,
                  Timestamp at,
                  std::string name,
                  const journey::Enrollment& enrollment);

// Enrollment::definitions of an absorbed passage: its version may not be loaded in this shard.
constexpr std::uint64_t definitions_elsewhere = 0;

struct Shard::Impl {
    Impl(ShardId shard, std::uint32_t count) : id(shard), shard_count(count) {}

    // shard.cc -----------------------------------------------------------------------------
    void arrive(const event::Event& event, const Input& input, Effects& effects);
    void take_event(CustomerIndex customer,
                    const event::Event& event,
                    const Input& input,
                    Effects& effects);
    void tick(const Tick& tick, const Input& input, Effects& effects);
    void load_definitions(const DefinitionsPtr& definitions, const Input& input);
    void load_models(const model::FittedModels& fitted, const Input& input);
    void carry_members(const Definitions& from, const Definitions& to);
    void place_members();
    void drop_unused_versions(Timestamp at);
    void command(const Command& command, const Input& input, Effects& effects);
    void obey(CustomerIndex customer, const Command& command, const Input& input, Effects& effects);
    void state_consent(CustomerIndex customer, const Command& command, Timestamp at);
    CustomerIndex find_or_add(std::string_view customer_id);
    void make_room(CustomerIndex customer);  // In the columns.
    // False when the customer's row includes this input already (a replay).
    bool begin(CustomerIndex customer, const Input& input, Effects& effects);
    void wake_all(Timestamp at, std::uint64_t sequence);
    void set_wake(CustomerIndex customer, Timestamp at);

    // identity.cc: docs/design/identity.md --------------------------------------------------
    void link_identities(const event::Event& event, CustomerIndex user, Effects& effects);
    void hand_over(const Handover& handover, const Input& input, Effects& effects);
    void link(const Handover& handover, const Input& input, Effects& effects);
    void absorb(const Handover& handover, const Input& input, Effects& effects);
    void follow(const Handover& handover, const Input& input, Effects& effects);
    void take_engine_part(CustomerIndex customer,
                          std::string& payload,
                          Effects& effects,
                          const Input& input);
    bool absorb_engine_part(CustomerIndex customer, std::string_view payload);
    void emit(Handover handover, Effects& effects) const;
    void go_on(const Handover& handover, std::string_view into, Effects& effects) const;

    // watch.cc -------------------------------------------------------------------------------
    enum class Cause : std::uint8_t {
        Live,     // Now: joining a segment enters its journeys.
        Late,     // An event long past: membership is corrected, no journey starts.
        Started,  // First look under new definitions: who is in a segment that is new or changed
                  // joins it silently, unless it says that newcomers enter; journeys that are new
                  // may take their members at start.
    };
    struct Look {
        Cause cause = Cause::Live;
        std::uint64_t seen = 0;  // Started: version under which the customer was looked at before.
        bool newcomer = false;   // Started: came in because the segment was changed, and may enter.
        bool first_scores = false;  // Scores are known for the first time: joined by them silently.
    };
    // Looks at segments, exits and waits of one customer and sets when to look again.
    void look_at(CustomerIndex customer,
                 const std::vector<std::uint32_t>& segments,
                 Look look,
                 const Input& input,
                 Effects& effects);
    // Evaluates one segment, keeps the membership, returns how journeys may take it up, if at all.
    std::optional<Look> look_at_segment(CustomerIndex customer,
                                        std::uint32_t position,
                                        Look look,
                                        const expr::Outcome& outcome,
                                        const EngineFacts& facts,
                                        const Input& input,
                                        Effects& effects);
    // `due`: since when, where nothing happened but that time passed or that a playbook or models
    // were loaded.
    void look_at_all(CustomerIndex customer,
                     Cause cause,
                     const Input& input,
                     Effects& effects,
                     Timestamp due = timestamp_max);
    // What time has changed since the last look, before something else changes.
    void catch_up(CustomerIndex customer, const Input& input, Effects& effects);
    bool is_member(CustomerIndex customer, std::uint32_t position) const;
    void set_member(CustomerIndex customer, std::uint32_t position, bool member);
    void clear_membership(CustomerIndex customer);
    // Whom another customer absorbs leaves every segment, and each is told: whoever mirrors members
    // by what is told would keep an id of which nothing is told any more.
    void leave_for(CustomerIndex customer, std::string_view into, Timestamp at, Effects& effects);
    std::size_t words_per_customer() const;

    // conduct.cc -----------------------------------------------------------------------------
    void enter_journeys(CustomerIndex customer,
                        std::string_view segment,
                        Look look,
                        const Input& input,
                        Effects& effects);
    // Returns when to look again.
    Timestamp conduct(CustomerIndex customer, const Input& input, Effects& effects);
    // A customer who left a journey does not get what was held for it.
    void refuse_held(CustomerIndex customer,
                     const journey::Enrollment& enrollment,
                     const Input& input,
                     Effects& effects);
    // `before` is the revenue of the customer before an order, whose event this is, was added.
    void count_goals(CustomerIndex customer,
                     const event::Event& event,
                     Micros before,
                     const Input& input,
                     Effects& effects);
    Loaded* loaded_for(const journey::Enrollment& enrollment);
    // The version under which a passage began stays while it runs, while its goal can be reached
    // and while a message of it may still go out: until then its goal is that version's, then that
    // of today. Never true again once false.
    bool keeps_version(CustomerIndex customer,
                       const journey::Enrollment& enrollment,
                       Timestamp at) const;

    // decide.cc ------------------------------------------------------------------------------
    std::optional<Timestamp> decide_message(CustomerIndex customer,
                                            journey::Enrollment& enrollment,
                                            const journey::Journey& journey,
                                            const journey::Step& step,
                                            const Input& input,
                                            Effects& effects);
    void remember_message(CustomerIndex customer,
                          const MessageDecided& decided,
                          std::uint32_t entry,
                          std::optional<Timestamp> hold_until);
    void start_sending(const SendStarted& body, const Input& input, Effects& effects);
    void end_sending(const SendEnded& body, const Input& input, Effects& effects);
    void tell_outcome(CustomerIndex customer, const SendEnded& body, Effects& effects);
    // The record of a message that was sent to an id that this customer absorbed.
    void learn_outcome(CustomerIndex customer,
                       const SendEnded& body,
                       const Input& input,
                       Effects& effects);
    MessageRecord* find_message(CustomerIndex customer, const Hash128& key);

    // facts ----------------------------------------------------------------------------------
    LocalDay local_day(const Zone& zone, Timestamp now) const;
    Value score(CustomerIndex customer, std::string_view name, Timestamp now) const;
    std::vector<Timestamp> sent_times(CustomerIndex customer, std::string_view campaign) const;

    ShardId id;
    std::uint32_t shard_count;
    customer::Customers customers;
    std::map<std::uint64_t, std::unique_ptr<Loaded>> versions;  // By definitions version.
    Loaded* current = nullptr;
    std::optional<model::FittedModels> models;

    // Columns by CustomerIndex.
    std::vector<std::uint64_t> sequences;   // Last input that the customer's state includes.
    std::vector<Timestamp> wakes;           // timestamp_max: nothing due.
    std::vector<std::uint64_t> looked_at;   // Version of the definitions of the last full look.
    std::vector<std::uint64_t> membership;  // words_per_customer() words each.
    absl::flat_hash_map<CustomerIndex, std::vector<journey::Enrollment>> enrollments;
    // In the order in which they were decided (put_in_order), as sent(..) and caps read them.
    absl::flat_hash_map<CustomerIndex, std::vector<MessageRecord>> messages;
    std::vector<std::size_t> segment_sizes;  // By position in current->definitions->segments.
    // Until then looks are the first that know scores: the first models were loaded shortly before.
    Timestamp first_scores_until = timestamp_min;
    // Membership read from rows, by segment id, until the definitions are there to place it.
    absl::flat_hash_map<CustomerIndex, std::vector<std::string>> unplaced;

    struct Wake {
        WakePlace place;
        CustomerIndex customer = 0;

        friend auto operator<=>(const Wake&, const Wake&) = default;
    };
    Wake wake_of(CustomerIndex customer) const;  // Pre: it has one.
    std::optional<Wake> first_wake();            // Drops stale ones before it.
    std::priority_queue<Wake, std::vector<Wake>, std::greater<>>
        wake_queue;  // May hold stale ones.
    mutable LocalDay day;
};

// All that a condition may ask, of one customer at one moment.
class EngineFacts : public customer::CustomerFacts {
public:
    EngineFacts(const Shard::Impl& shard, Loaded& loaded, CustomerIndex customer, Timestamp now);
    std::span<const Timestamp> sent(std::string_view campaign) const override;
    bool in_segment(expr::SegmentId segment) const override;
    Value score(expr::ScoreId score) const override;

private:
    const Shard::Impl& shard_;
    const Loaded& loaded_;
    mutable std::vector<Timestamp> sent_;
};

// Positions in `definitions` of the segments that the condition refers to, also by way of others;
// ascending, so that each stands behind those that it refers to itself.
std::vector<std::uint32_t> referred_segments(const Definitions& definitions,
                                             const expr::Condition& condition,
                                             const expr::Symbols& symbols);

std::unique_ptr<Shard::Query> bind_query(const Shard::Impl& shard,
                                         const expr::Condition& condition,
                                         const expr::Symbols& symbols,
                                         expr::Interrupt* interrupt = nullptr);

// Puts each at its place: one that was held is decided again later, when others were meanwhile.
void put_in_order(std::vector<MessageRecord>& records);

// What was found for each atom of a condition, for explanations and facts: docs/design/explain.md.
ValueList atoms_value(std::span<const expr::AtomOutcome> atoms);

// Messages in these states left us or may have: they count for caps and for sent(..).
bool counts_as_sent(message::MessageState state);

}  // namespace winback::engine
