// Whom the lines of a file name, and the commands that put them on a list.
#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "api/access.h"
#include "api/audit.h"
#include "api/imports.h"
#include "api/lists.h"
#include "api/walk.h"
#include "base/strings.h"
#include "directory/fold.h"
#include "host/host.h"
#include "ingest/column_names.h"
#include "ingest/csv.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr int under_way_max = 512;
constexpr int merges_max = 32;
constexpr std::size_t shown_bytes_max = 200;

ingest::ReadBytes reader_of(std::string_view bytes) {
    const auto at = std::make_shared<std::size_t>(0);
    return [bytes, at](char* buffer, std::size_t size) -> Result<std::size_t> {
        const std::size_t count = std::min(size, bytes.size() - *at);
        bytes.copy(buffer, count, *at);
        *at += count;
        return count;
    };
}

struct Columns {
    std::optional<std::size_t> customer;
    std::optional<std::size_t> email;
};

// Of a header; both are absent when the first line is a customer already.
Columns columns_of(const ingest::CsvRecord& first) {
    Columns columns;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const ingest::Role role = ingest::role_of_name(first[i]).role;
        if (role == ingest::Role::Customer && !columns.customer) {
            columns.customer = i;
        } else if (role == ingest::Role::Email && !columns.email) {
            columns.email = i;
        }
    }
    return columns;
}

std::string cell_of(const ingest::CsvRecord& record, const std::optional<std::size_t>& column) {
    return column && *column < record.size() ? std::string(trim(record[*column])) : std::string();
}

std::string line_text(const ingest::CsvRecord& record) {
    std::string text;
    for (std::size_t i = 0; i < record.size() && text.size() < shown_bytes_max; ++i) {
        text += (i == 0 ? "" : ", ") + cell_text(record[i]);
    }
    return text;
}

// What is known of the line's customers: those it names, and whether each is on the list.
struct Named {
    std::string customer;
    bool listed = false;
    bool operator<(const Named& other) const { return customer < other.customer; }
};

class Matcher {
public:
    Matcher(Desk& desk, std::string_view list, const std::vector<ListLine>& lines)
        : desk_(desk), list_(list), lines_(lines), found_(lines.size()) {}

    // Ids first, exactly; what is left is looked for as an address, letters of any case alike.
    const std::vector<bool>& match() {
        by_id();
        by_email();
        return found_;
    }
    const std::set<Named>& named() const { return named_; }

private:
    bool is_listed(const customer::Customers& customers, customer::CustomerIndex c) const {
        const auto lists = customers.labels(c, customer::lists_attribute);
        return std::binary_search(lists.begin(), lists.end(), list_);
    }

    // An id that was merged leads to another one, perhaps of another shard.
    void by_id() {
        std::vector<std::string> ids;
        for (const ListLine& line : lines_) {
            ids.push_back(line.customer);
        }
        bool going = true;
        for (int hop = 0; hop < merges_max && going; ++hop) {
            going = visit(ids);
        }
    }
    // Looks ids up; each becomes the one into which it was merged, or empty when it is settled.
    // False when all are.
    bool visit(std::vector<std::string>& ids) {
        host::Host& host = desk_.host();
        std::vector<std::vector<std::size_t>> of_shard(host.shard_count());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (!ids[i].empty()) {
                of_shard[engine::shard_of(ids[i], host.shard_count())].push_back(i);
            }
        }
        bool going = false;
        host.query([&](const host::ShardView& view) {
            const customer::Customers& customers = view.shard.customers();
            const std::vector<std::size_t>& lines = of_shard[view.id];
            std::vector<Named> own(lines.size());
            std::vector<std::string> further(lines.size());
            for (std::size_t k = 0; k < lines.size(); ++k) {
                const auto c = customers.find(ids[lines[k]]);
                if (!c || customers.erased(*c)) {
                    continue;
                }
                further[k] = customers.merged_into(*c);
                if (further[k].empty()) {
                    own[k] = {ids[lines[k]], is_listed(customers, *c)};
                }
            }
            const std::lock_guard lock(mutex_);
            for (std::size_t k = 0; k < lines.size(); ++k) {
                going = going || !further[k].empty();
                ids[lines[k]] = std::move(further[k]);
                if (!own[k].customer.empty()) {
                    found_[lines[k]] = true;
                    named_.insert(std::move(own[k]));
                }
            }
        });
        return going;
    }

    void by_email() {
        std::unordered_map<std::string, std::vector<std::size_t>> wanted;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (!found_[i] && lines_[i].email.find('@') != std::string::npos) {
                wanted[directory::fold(lines_[i].email)].push_back(i);
            }
        }
        if (wanted.empty()) {
            return;
        }
        const auto look = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
            const customer::Customers& customers = view.shard.customers();
            for (CustomerIndex c = from; c < to; ++c) {
                const Value email = customers.trait(c, "email");
                if (email.as_string() == nullptr || !customers.merged_into(c).empty() ||
                    customers.erased(c)) {
                    continue;
                }
                const auto lines = wanted.find(directory::fold(*email.as_string()));
                if (lines == wanted.end()) {
                    continue;
                }
                named_.insert({std::string(customers.id(c)), is_listed(customers, c)});
                for (const std::size_t i : lines->second) {
                    found_[i] = true;
                }
            }
        };
        Walk(desk_.host()).run(look);
    }

    Desk& desk_;
    std::string list_;
    const std::vector<ListLine>& lines_;
    std::mutex mutex_;
    std::vector<bool> found_;
    std::set<Named> named_;
};

ValueList unmatched_lines(const std::vector<ListLine>& lines, const std::vector<bool>& found) {
    ValueList unmatched;
    for (std::size_t i = 0; i < lines.size() && unmatched.size() < unmatched_kept; ++i) {
        if (!found[i]) {
            ValueMap line;
            line.set("line", static_cast<std::int64_t>(lines[i].line));
            line.set("text", lines[i].text);
            line.set("why", lines[i].why.empty() ? Value() : Value(lines[i].why));
            unmatched.emplace_back(std::move(line));
        }
    }
    return unmatched;
}

std::string_view name_of(ListMode mode) {
    return mode == ListMode::Add ? "add" : mode == ListMode::Remove ? "remove" : "replace";
}

}  // namespace

Result<std::vector<ListLine>> read_list_file(std::string_view bytes) {
    if (bytes.size() > list_file_bytes_max) {
        return Error{ErrorCode::InvalidArgument, "the file is larger than 16 MB; cut it in two"};
    }
    if (const std::size_t zero = bytes.find('\0'); zero != std::string_view::npos) {
        const auto line = 1 + std::count(bytes.begin(), bytes.begin() + zero, '\n');
        return Error{ErrorCode::InvalidArgument, "the file is no text: line " +
                                                     std::to_string(line) +
                                                     " has a zero byte; save it as CSV in UTF-8"};
    }
    ingest::CsvReader csv(reader_of(bytes), {});
    ingest::CsvRecord record;
    std::vector<ListLine> lines;
    Columns columns;
    for (bool first = true;; first = false) {
        WINBACK_TRY(const bool more, csv.next(record));
        if (!more) {
            break;
        }
        if (first) {
            columns = columns_of(record);
            if (columns.customer || columns.email) {
                continue;
            }
        }
        if (lines.size() >= list_lines_max) {
            return Error{ErrorCode::InvalidArgument,
                         "the file has more than 200,000 lines; cut it in two"};
        }
        ListLine line{.line = record.line, .customer = {}, .email = {}, .text = line_text(record)};
        if (record.fault == ingest::CsvFault::None && record.size() > 0) {
            const bool headed = columns.customer || columns.email;
            line.customer = headed ? cell_of(record, columns.customer) : cell_of(record, 0);
            line.email = headed ? cell_of(record, columns.email) : line.customer;
        }
        if (record.fault != ingest::CsvFault::None) {
            line.why = ingest::csv_fault_message(record.fault);
        } else if (!is_valid_utf8(line.customer) || !is_valid_utf8(line.email)) {
            line.customer = line.email = "";
            line.why = "the line is not UTF-8; save the file in this encoding";
        }
        lines.push_back(std::move(line));
    }
    if (lines.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "the file names nobody; it has a customer id or an e-mail address on each "
                     "line, or a column of them"};
    }
    return lines;
}

Status order_for_all(Desk& desk,
                     const host::Key& who,
                     engine::Command::Kind kind,
                     std::string_view list,
                     const std::vector<std::string>& customers) {
    struct Progress {
        std::mutex mutex;
        std::condition_variable changed;
        int under_way = 0;
        std::optional<Error> error;
    };
    const auto progress = std::make_shared<Progress>();
    for (const std::string& customer : customers) {
        {
            std::unique_lock lock(progress->mutex);
            progress->changed.wait(lock, [&] { return progress->under_way < under_way_max; });
            if (progress->error) {
                break;
            }
            ++progress->under_way;
        }
        engine::Command command{.kind = kind, .customer = customer, .text = std::string(list)};
        command.by = author_of(who);
        desk.host().command(std::move(command), [progress](const Status& status) {
            const std::lock_guard lock(progress->mutex);
            --progress->under_way;
            if (!status && !progress->error) {
                progress->error = status.error();
            }
            progress->changed.notify_one();
        });
    }
    std::unique_lock lock(progress->mutex);
    progress->changed.wait(lock, [&] { return progress->under_way == 0; });
    return progress->error ? Status(*progress->error) : Status(Ok{});
}

std::vector<std::string> members_of_list(Desk& desk, std::string_view id) {
    std::vector<std::string> members;
    Walk(desk.host()).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        const customer::Customers& customers = view.shard.customers();
        for (CustomerIndex c = from; c < to; ++c) {
            const auto lists = customers.labels(c, customer::lists_attribute);
            if (std::binary_search(lists.begin(), lists.end(), id) &&
                customers.merged_into(c).empty() && !customers.erased(c)) {
                members.emplace_back(customers.id(c));
            }
        }
    });
    std::sort(members.begin(), members.end());
    return members;
}

Result<ValueMap> change_members(Desk& desk,
                                const host::Key& who,
                                std::string_view id,
                                const ListChange& change,
                                const std::vector<ListLine>& lines) {
    const ListMode mode = change.mode;
    WINBACK_TRY([[maybe_unused]] const ValueMap known, list_entry(desk, id));
    Matcher matcher(desk, id, lines);
    const std::vector<bool>& found = matcher.match();
    std::vector<std::string> joining;
    std::vector<std::string> leaving;
    std::set<std::string, std::less<>> named;
    for (const Named& one : matcher.named()) {
        named.insert(one.customer);
        if (mode != ListMode::Remove && !one.listed) {
            joining.push_back(one.customer);
        } else if (mode == ListMode::Remove && one.listed) {
            leaving.push_back(one.customer);
        }
    }
    if (mode == ListMode::Replace && named.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "no line names a customer, so the list would be empty; nothing was changed"};
    }
    if (mode == ListMode::Replace) {
        std::vector<std::string> members = members_of_list(desk, id);
        const std::size_t size = members.size();
        std::copy_if(std::make_move_iterator(members.begin()),
                     std::make_move_iterator(members.end()), std::back_inserter(leaving),
                     [&](const std::string& member) { return !named.contains(member); });
        if (!change.sure && leaving.size() > std::max(list_small, size / 2)) {
            return Error{ErrorCode::Conflict,
                         "this would take off " + std::to_string(leaving.size()) + " of " +
                             std::to_string(size) + " who are on the list; nothing was changed"};
        }
    }
    WINBACK_TRY([[maybe_unused]] const Ok may_move,
                may_move_members(desk, who, id, joining.size() + leaving.size()));
    using Kind = engine::Command::Kind;
    WINBACK_TRY([[maybe_unused]] const Ok left,
                order_for_all(desk, who, Kind::Delist, id, leaving));
    WINBACK_TRY([[maybe_unused]] const Ok joined,
                order_for_all(desk, who, Kind::Enlist, id, joining));
    const auto missing = std::count(found.begin(), found.end(), false);
    const auto size_of = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
    const std::int64_t left_by_name = mode == ListMode::Remove ? size_of(leaving) : 0;
    ValueMap outcome;
    outcome.set("mode", name_of(mode));
    outcome.set("lines", size_of(lines));
    outcome.set("matched", size_of(lines) - missing);
    outcome.set("added", size_of(joining));
    outcome.set("removed", size_of(leaving));
    outcome.set("unchanged", size_of(named) - size_of(joining) - left_by_name);
    outcome.set("unmatched", std::int64_t{missing});
    outcome.set("at", desk.host().now());
    WINBACK_TRY([[maybe_unused]] const Ok kept, keep_upload(desk, id, outcome));
    record_change(
        desk, who,
        {.what = "list.upload", .target = std::string(id), .before = {}, .after = Value(outcome)});
    // Told and not kept: addresses of people who are no customers.
    outcome.set("unmatched_lines", unmatched_lines(lines, found));
    return outcome;
}

}  // namespace winback::api
