#include "host/approvals.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/strings.h"
#include "host/shelf.h"

namespace winback::host {
namespace {

constexpr std::string_view row_prefix = "approval/";
constexpr std::string_view row_end = "approval0";  // '0' follows '/'.
constexpr std::string_view files_prefix = "approval_files/";
constexpr std::uint8_t form = 1;
constexpr std::array<std::string_view, 6> state_names{"waiting",   "approved", "declined",
                                                      "withdrawn", "outdated", "expired"};

std::string key_of(std::string_view prefix, std::uint64_t id) {
    std::string key(prefix);
    append_big_endian(key, id, 8);
    return key;
}

void write_actor(ByteWriter& out, const Actor& actor) {
    out.u8(static_cast<std::uint8_t>(actor.kind));
    out.text(actor.id);
    out.text(actor.name);
}

bool read_actor(ByteReader& in, Actor& actor) {
    const std::uint8_t kind = in.u8();
    actor.kind = static_cast<ActorKind>(kind);
    actor.id = in.text();
    actor.name = in.text();
    return kind <= static_cast<std::uint8_t>(ActorKind::CommandLine);
}

std::string encode(const Approval& approval) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u64(approval.id);
    out.u8(static_cast<std::uint8_t>(approval.state));
    out.text(approval.what);
    out.text(approval.target);
    out.text(approval.how);
    out.u64(approval.of);
    out.u64(approval.base);
    out.text(approval.print);
    out.boolean(approval.people.has_value());
    out.u64(approval.people.value_or(0));
    out.u64(approval.journeys.size());
    for (const std::string& journey : approval.journeys) {
        out.text(journey);
    }
    out.u64(approval.above);
    out.text(approval.note);
    out.value(approval.before);
    out.value(approval.after);
    write_actor(out, approval.asked_by);
    out.text(approval.person);
    out.time(approval.asked_at);
    out.time(approval.expires_at);
    write_actor(out, approval.decided_by);
    out.time(approval.decided_at);
    out.text(approval.reason);
    out.u64(approval.version);
    return bytes;
}

Result<Approval> decode(std::string_view bytes) {
    ByteReader in(bytes);
    bool sound = in.u8() == form;
    Approval approval;
    approval.id = in.u64();
    const std::uint8_t state = in.u8();
    sound = sound && state < static_cast<std::uint8_t>(ApprovalState::Expired);
    approval.state = static_cast<ApprovalState>(state);
    approval.what = in.text();
    approval.target = in.text();
    approval.how = in.text();
    approval.of = in.u64();
    approval.base = in.u64();
    approval.print = in.text();
    const bool counted = in.boolean();
    const std::uint64_t people = in.u64();
    approval.people = counted ? std::optional(people) : std::nullopt;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        approval.journeys.emplace_back(in.text());
    }
    approval.above = in.u64();
    approval.note = in.text();
    approval.before = in.value();
    approval.after = in.value();
    sound = read_actor(in, approval.asked_by) && sound;
    approval.person = in.text();
    approval.asked_at = in.time();
    approval.expires_at = in.time();
    sound = read_actor(in, approval.decided_by) && sound;
    approval.decided_at = in.time();
    approval.reason = in.text();
    approval.version = in.u64();
    if (!sound || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (approval) cannot be read"};
    }
    return approval;
}

ApprovalState state_of(const Approval& approval, Timestamp now) {
    const bool late = approval.state == ApprovalState::Waiting && now >= approval.expires_at;
    return late ? ApprovalState::Expired : approval.state;
}

Approval as_of(const Approval& approval, Timestamp now) {
    Approval copy = approval;
    copy.state = state_of(approval, now);
    return copy;
}

Error no_approval() {
    return {ErrorCode::NotFound, "there is no such request for an approval"};
}

}  // namespace

std::string_view approval_state_name(ApprovalState state) {
    return state_names.at(static_cast<std::size_t>(state));
}

Result<std::unique_ptr<Approvals>> Approvals::open(store::Store& store) {
    std::unique_ptr<Approvals> approvals(new Approvals(store));
    store::Cursor rows = store.scan(store::Family::Control, row_prefix, row_end);
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(Approval approval, decode(rows.value()));
        const std::uint64_t id = approval.id;
        approvals->newest_ = std::max(approvals->newest_, id);
        approvals->by_id_.emplace(id, std::move(approval));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return approvals;
}

std::size_t Approvals::waiting_count(Timestamp now) const {
    return static_cast<std::size_t>(std::count_if(
        by_id_.begin(), by_id_.end(),
        [&](const auto& entry) { return state_of(entry.second, now) == ApprovalState::Waiting; }));
}

std::vector<std::uint64_t> Approvals::oldest_ended(Timestamp now) const {
    std::vector<std::uint64_t> ended;
    for (const auto& [id, approval] : by_id_) {
        if (state_of(approval, now) != ApprovalState::Waiting) {
            ended.push_back(id);
        }
    }
    ended.resize(ended.size() < approvals_ended_max ? 0 : ended.size() - approvals_ended_max + 1);
    return ended;
}

Result<Approval> Approvals::add(Approval asked, const TextFiles& files, Timestamp now) {
    if (asked.note.size() > approval_text_bytes_max || !is_valid_utf8(asked.note)) {
        return Error{ErrorCode::InvalidArgument, "'note' is a text of at most 500 bytes"};
    }
    const std::string texts = encode_files(files);
    if (texts.size() > approval_files_bytes_max) {
        return Error{ErrorCode::LimitExceeded,
                     "the playbook is too large to wait for an approval: at most 16 MiB"};
    }
    const std::lock_guard lock(mutex_);
    if (waiting_count(now) >= approvals_waiting_max) {
        return Error{ErrorCode::LimitExceeded,
                     "100 requests wait for an approval already; decide or withdraw some first"};
    }
    asked.id = newest_ + 1;
    asked.state = ApprovalState::Waiting;
    asked.asked_at = now;
    asked.expires_at = now + approval_lifetime;
    const std::vector<std::uint64_t> gone = oldest_ended(now);
    store::Batch batch(store_);
    for (const std::uint64_t id : gone) {
        batch.erase(store::Family::Control, key_of(row_prefix, id));
        batch.erase(store::Family::Control, key_of(files_prefix, id));
    }
    batch.put(store::Family::Control, key_of(row_prefix, asked.id), encode(asked));
    batch.put(store::Family::Control, key_of(files_prefix, asked.id), texts);
    WINBACK_TRY(const Ok written, store_.write(batch, true));
    static_cast<void>(written);
    for (const std::uint64_t id : gone) {
        by_id_.erase(id);
    }
    newest_ = asked.id;
    by_id_.emplace(asked.id, asked);
    return asked;
}

Result<Approval> Approvals::end(std::uint64_t id, const ApprovalEnd& end) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return no_approval();
    }
    const ApprovalState state = state_of(found->second, end.at);
    if (state != ApprovalState::Waiting) {
        return Error{ErrorCode::Conflict, "this request does not wait: it is " +
                                              std::string(approval_state_name(state))};
    }
    Approval ended = found->second;
    ended.state = end.state;
    ended.decided_by = end.by;
    ended.decided_at = end.at;
    ended.reason = end.reason;
    ended.version = end.version;
    store::Batch batch(store_);
    batch.put(store::Family::Control, key_of(row_prefix, id), encode(ended));
    batch.erase(store::Family::Control, key_of(files_prefix, id));
    WINBACK_TRY(const Ok written, store_.write(batch, true));
    static_cast<void>(written);
    found->second = ended;
    return ended;
}

std::optional<Approval> Approvals::find(std::uint64_t id, Timestamp now) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional(as_of(found->second, now));
}

std::vector<Approval> Approvals::list(Timestamp now) const {
    const std::lock_guard lock(mutex_);
    std::vector<Approval> all;
    all.reserve(by_id_.size());
    for (auto entry = by_id_.rbegin(); entry != by_id_.rend(); ++entry) {
        all.push_back(as_of(entry->second, now));
    }
    return all;
}

std::vector<Approval> Approvals::waiting(Timestamp now) const {
    std::vector<Approval> all = list(now);
    std::erase_if(all, [](const Approval& one) { return one.state != ApprovalState::Waiting; });
    return all;
}

Result<TextFiles> Approvals::files(std::uint64_t id) const {
    WINBACK_TRY(const std::optional<std::string> bytes,
                store_.get(store::Family::Control, key_of(files_prefix, id)));
    if (!bytes) {
        return Error{ErrorCode::NotFound, "the texts of this request are not kept any more"};
    }
    Result<PlaybookFiles> files = decode_files(*bytes);
    if (!files) {
        return Error{ErrorCode::Corrupt, "the texts of a request for an approval cannot be read"};
    }
    return files;
}

}  // namespace winback::host
