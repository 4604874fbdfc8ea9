// Static lists: named groups whose members somebody wrote down, for `in_list("newsletter")`.
//
// A list is a name; who stands on it is a fact of each customer (the attribute `lists`), changed by
// commands alone, so that memberships are in the log, in exports and in every replay. Nobody is
// put on a list who is not a customer yet: such lines are told back. docs/design/segments.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/customer_actions.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "engine/input.h"

namespace winback::api {

constexpr std::size_t lists_max = 200;
constexpr std::size_t list_name_bytes_max = 80;
constexpr std::size_t list_file_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr std::size_t list_lines_max = 200'000;
constexpr std::size_t unmatched_kept = 1'000;  // Lines of the last upload that are told back.

// {lists: [{id, name, by, created, customers, used_by: [{kind, id, name}]}]}, by name. Passes over
// the base. Fails with Unavailable when the folder cannot be read.
Result<ValueMap> describe_lists(Desk& desk);
// One of them, with `upload`: what became of the last file, null before the first. Fails with
// NotFound.
Result<ValueMap> describe_list(Desk& desk, std::string_view id);

// {id, name, by, created} of each, without looking at customers. Fails with Unavailable.
Result<ValueList> list_names(Desk& desk);
// One of them. Fails with NotFound.
Result<ValueMap> list_entry(Desk& desk, std::string_view id);

// The id is made of the name's letters and digits ("Summer fair" is summer_fair). Fails with
// InvalidArgument for a name that is empty or too long, and with Conflict when it is taken.
Result<std::string> create_list(Desk& desk, const host::Key& who, std::string_view name);

// Takes everybody off it. Fails with NotFound, and with Conflict while a segment or a journey asks
// for it.
Status delete_list(Desk& desk, const host::Key& who, std::string_view id);

enum class ListMode : std::uint8_t {
    Add,
    Remove,
    Replace,  // Whoever is not in the file comes off the list.
};
Result<ListMode> parse_list_mode(std::string_view name);  // "add", "remove", "replace"

struct ListChange {
    ListMode mode = ListMode::Add;
    // Otherwise a replacement that takes more than half of the list off is asked back about: a file
    // of the wrong list is easily chosen.
    bool sure = true;
};
constexpr std::size_t list_small = 10;  // So few may go without being asked about.

// A line of an upload, and whom it names.
struct ListLine {
    std::uint64_t line = 0;  // In the file, from 1.
    std::string customer;    // An id; empty when there is none.
    std::string email;
    std::string text;  // As it stands there, for telling it back.
    std::string why;   // It cannot be read: why, in a sentence. Empty when it can.
};
// The column of ids or of e-mail addresses is known by its name; without a header the first column
// counts, as either. Fails with InvalidArgument for what is no text, and names nobody: what, where,
// and how to mend it.
Result<std::vector<ListLine>> read_list_file(std::string_view bytes);

// Whether `who` may move this many people on or off the list: journeys that ask for it, by their
// segment or another one, may then send to them. Fails with PermissionDenied when one does and
// `who` may not send, and when they are more than the four-eyes rule lets one person reach,
// together with those who were moved on this list in the last 24 hours; with Corrupt. While
// sending is off everybody may. Whoever may is counted: the move is to follow.
Status may_move_members(Desk& desk, const host::Key& who, std::string_view id, std::size_t people);
// Adds up the moves of the last 24 hours (by whole hours, so up to 25): {before, kept}. Kept is
// what makes no more than `above` with those before. Fails with NotFound.
struct Moves {
    std::uint64_t before = 0;
    bool kept = false;
};
Result<Moves> count_moves(Desk& desk,
                          std::string_view id,
                          std::uint64_t people,
                          std::uint64_t above);

// {mode, lines, matched, added, removed, unchanged, unmatched, unmatched_lines: [{line, text,
// why}], at}. An id that was merged into another names that customer; an address that several
// customers have names all of them. Waits until all is durable. What was done stays done when it
// fails half way, and the same lines may come again. Fails with NotFound, with InvalidArgument for
// a replacement that names no customer, which would empty the list, with Conflict for one that
// nobody is sure of, and as may_move_members; all before anything is done.
Result<ValueMap> change_members(Desk& desk,
                                const host::Key& who,
                                std::string_view id,
                                const ListChange& change,
                                const std::vector<ListLine>& lines);

// For this folder: writes down what became of an upload.
Status keep_upload(Desk& desk, std::string_view id, const ValueMap& outcome);
// Carries out the same order for many customers, some hundreds under way at once.
Status order_for_all(Desk& desk,
                     const host::Key& who,
                     engine::Command::Kind kind,
                     std::string_view list,
                     const std::vector<std::string>& customers);
// Everybody on the list, by id.
std::vector<std::string> members_of_list(Desk& desk, std::string_view id);

}  // namespace winback::api
