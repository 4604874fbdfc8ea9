#include "api/playbook_versions.h"

#include <algorithm>

#include "api/access.h"
#include "api/behind.h"
#include "base/hash.h"
#include "host/host.h"
#include "host/playbook_log.h"
#include "playbook/difference.h"
#include "playbook/rehearsal.h"

namespace winback::api {
namespace {

constexpr std::size_t file_lines_max = 20'000;

std::string_view kind_name(playbook::FileDifference::Kind kind) {
    switch (kind) {
        case playbook::FileDifference::Kind::Changed:
            return "changed";
        case playbook::FileDifference::Kind::Added:
            return "added";
        case playbook::FileDifference::Kind::Removed:
            return "removed";
    }
    return "changed";
}

std::string_view kind_name(playbook::DiffLine::Kind kind) {
    switch (kind) {
        case playbook::DiffLine::Kind::Same:
            return "same";
        case playbook::DiffLine::Kind::Removed:
            return "removed";
        case playbook::DiffLine::Kind::Added:
            return "added";
    }
    return "same";
}

ValueList hunks_value(const playbook::FileDifference& file) {
    ValueList hunks;
    for (const playbook::DiffHunk& hunk : file.hunks) {
        ValueList lines;
        for (const playbook::DiffLine& line : hunk) {
            ValueMap map;
            map.set("kind", kind_name(line.kind));
            map.set("old", line.old_line == 0 ? Value() : Value(line.old_line));
            map.set("new", line.new_line == 0 ? Value() : Value(line.new_line));
            map.set("text", line.text);
            lines.emplace_back(std::move(map));
        }
        hunks.emplace_back(std::move(lines));
    }
    return hunks;
}

}  // namespace

ValueList difference_value(const playbook::Files& before,
                           const playbook::Files& after,
                           bool with_lines) {
    ValueList list;
    for (const playbook::FileDifference& file : playbook::difference(before, after)) {
        ValueMap map;
        map.set("path", file.path);
        map.set("kind", kind_name(file.kind));
        map.set("added", static_cast<std::int64_t>(file.added));
        map.set("removed", static_cast<std::int64_t>(file.removed));
        if (with_lines) {
            map.set("hunks", hunks_value(file));
            map.set("cut", file.cut);
        }
        list.emplace_back(std::move(map));
    }
    return list;
}

std::string print_of(const playbook::Files& files) {
    std::string all;
    for (const auto& [path, text] : files) {
        all.append(path).append(1, '\0').append(text).append(1, '\0');
    }
    return to_hex(hash128(all));
}

namespace {

Result<ValueMap> note_value(Desk& desk, std::uint64_t version) {
    WINBACK_TRY(const auto note, host::playbook_note(desk.host().store(), version));
    ValueMap map;
    map.set("version", static_cast<std::int64_t>(version));
    map.set("at", note ? Value(note->at) : Value());
    map.set("by", note ? note->by : std::string());
    map.set("how", note ? note->how : std::string());
    map.set("of", note && note->of != 0 ? Value(static_cast<std::int64_t>(note->of)) : Value());
    return map;
}

playbook::Files files_or_none(Desk& desk, std::uint64_t version) {
    Result<playbook::Files> files = version == 0 ? Result<playbook::Files>(playbook::Files())
                                                 : desk.host().playbook_files(version);
    return files ? *std::move(files) : playbook::Files();
}

void set_diagnostics(ValueMap& map, const Diagnostics& diagnostics, const playbook::Files& files) {
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& one) { return !one.is_warning; });
    map.set("errors", static_cast<std::int64_t>(errors));
    map.set("warnings",
            static_cast<std::int64_t>(diagnostics.size()) - static_cast<std::int64_t>(errors));
    map.set("diagnostics", template_diagnostics_value(diagnostics, files, {}));
}

Diagnostics check_of(const playbook::Files& files, Timestamp now) {
    playbook::LoadedPlaybook loaded = playbook::load(files);
    Diagnostics all = std::move(loaded.diagnostics);
    if (loaded.definitions) {
        const Diagnostics found =
            playbook::rehearse(*loaded.definitions, {.template_id = {}, .now = now});
        all.insert(all.end(), found.begin(), found.end());
    }
    std::stable_partition(all.begin(), all.end(),
                          [](const Diagnostic& one) { return !one.is_warning; });
    return all;
}

PlaybookProposal proposal_of(TemplateDesk& templates, playbook::Files files, std::uint64_t from) {
    Desk& desk = templates.desk();
    const std::uint64_t present = present_version(desk);
    PlaybookProposal proposal{.files = std::move(files), .tree = {}};
    proposal.tree.set("version", static_cast<std::int64_t>(present));
    proposal.tree.set("from", static_cast<std::int64_t>(from));
    proposal.tree.set("print", print_of(proposal.files));
    proposal.tree.set("difference",
                      difference_value(files_or_none(desk, present), proposal.files, true));
    set_diagnostics(proposal.tree, check_of(proposal.files, desk.host().now()), proposal.files);
    return proposal;
}

}  // namespace

std::uint64_t present_version(Desk& desk) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    return definitions == nullptr ? 0 : definitions->version;
}

Result<ValueMap> list_versions(Desk& desk, std::uint64_t before, std::size_t limit) {
    const std::uint64_t present = present_version(desk);
    std::uint64_t version = before == 0 || before > present ? present : before - 1;
    ValueList list;
    playbook::Files files = files_or_none(desk, version);
    for (; version > 0 && list.size() < limit; --version) {
        const playbook::Files older = files_or_none(desk, version - 1);
        WINBACK_TRY(ValueMap map, note_value(desk, version));
        map.set("difference", difference_value(older, files, false));
        list.emplace_back(std::move(map));
        files = older;
    }
    ValueMap tree;
    tree.set("version", static_cast<std::int64_t>(present));
    tree.set("versions", std::move(list));
    tree.set("before", version > 0 ? Value(static_cast<std::int64_t>(version) + 1) : Value());
    return tree;
}

Result<ValueMap> describe_version(Desk& desk, std::uint64_t version, std::uint64_t against) {
    WINBACK_TRY(const playbook::Files files, desk.host().playbook_files(version));
    if (against != 0) {
        WINBACK_TRY(const playbook::Files known, desk.host().playbook_files(against));
        static_cast<void>(known);
    }
    const std::uint64_t other = against == 0 ? version - 1 : against;
    WINBACK_TRY(ValueMap map, note_value(desk, version));
    map.set("present", static_cast<std::int64_t>(present_version(desk)));
    map.set("against", other == 0 ? Value() : Value(static_cast<std::int64_t>(other)));
    ValueList list;
    for (const auto& [path, text] : files) {
        ValueMap file;
        file.set("path", path);
        file.set("bytes", static_cast<std::int64_t>(text.size()));
        file.set("lines", std::int64_t{std::count(text.begin(), text.end(), '\n')});
        list.emplace_back(std::move(file));
    }
    map.set("files", std::move(list));
    map.set("difference", difference_value(files_or_none(desk, other), files, true));
    return map;
}

Result<ValueMap> playbook_file(Desk& desk, std::uint64_t version, std::string_view path) {
    WINBACK_TRY(const playbook::Files files, desk.host().playbook_files(version));
    const auto found = files.find(std::string(path));
    if (found == files.end()) {
        return Error{ErrorCode::NotFound, "there is no such file in that version"};
    }
    ValueList lines;
    for (const playbook::DiffLine& line : playbook::compare_lines({}, found->second)) {
        if (lines.size() < file_lines_max) {
            lines.emplace_back(line.text);
        }
    }
    ValueMap map;
    map.set("version", static_cast<std::int64_t>(version));
    map.set("present", static_cast<std::int64_t>(present_version(desk)));
    map.set("path", found->first);
    map.set("lines", std::move(lines));
    return map;
}

std::shared_ptr<const PlaybookCheck> PlaybookChecks::get() {
    const std::lock_guard one_at_a_time(finding_);
    const std::uint64_t version = present_version(desk_);
    if (auto check = known(version)) {
        return check;
    }
    const playbook::Files files = files_or_none(desk_, version);
    ValueMap tree;
    set_diagnostics(tree, version == 0 ? Diagnostics() : check_of(files, desk_.host().now()),
                    files);
    auto check = std::make_shared<PlaybookCheck>();
    check->version = version;
    check->errors = *tree.find("errors")->as_int();
    check->warnings = *tree.find("warnings")->as_int();
    check->diagnostics = *tree.find("diagnostics")->as_list();
    const std::lock_guard lock(mutex_);
    check_ = check;
    return check;
}

std::shared_ptr<const PlaybookCheck> PlaybookChecks::known(std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    return check_ != nullptr && check_->version == version ? check_ : nullptr;
}

std::shared_ptr<const PlaybookCheck> PlaybookChecks::latest() {
    const std::uint64_t version = present_version(desk_);
    if (auto check = known(version)) {
        return check;
    }
    {
        const std::lock_guard lock(mutex_);
        if (under_way_) {
            return nullptr;
        }
        under_way_ = true;
    }
    const auto find = [this] {
        get();
        const std::lock_guard lock(mutex_);
        under_way_ = false;
    };
    if (!desk_.part<Behind>().post(find)) {
        const std::lock_guard lock(mutex_);
        under_way_ = false;
    }
    return known(version);  // Found already by a desk without threads.
}

Result<PlaybookProposal> propose_folder(TemplateDesk& templates) {
    if (templates.writer().folder().empty()) {
        return Error{ErrorCode::Conflict,
                     "the server was started without a folder (--playbook DIR), so there is none "
                     "to read"};
    }
    WINBACK_TRY(playbook::Files files, playbook::read_folder(templates.writer().folder()));
    return proposal_of(templates, std::move(files), 0);
}

Result<PlaybookProposal> propose_version(TemplateDesk& templates, std::uint64_t version) {
    WINBACK_TRY(playbook::Files files, templates.desk().host().playbook_files(version));
    return proposal_of(templates, std::move(files), version);
}

Result<PlaybookSaved> accept_proposal(TemplateDesk& templates,
                                      const AcceptedProposal& accepted,
                                      const host::Key& who) {
    const std::uint64_t version = accepted.version;
    WINBACK_TRY(const PlaybookProposal proposal,
                version == 0 ? propose_folder(templates) : propose_version(templates, version));
    if (print_of(proposal.files) != accepted.print) {
        return PlaybookSaved{.kind = PlaybookSaved::Kind::Conflict,
                             .version = present_version(templates.desk())};
    }
    ValueMap before;
    before.set("version", static_cast<std::int64_t>(accepted.base));
    ValueMap after;
    after.set("texts_of",
              version == 0 ? Value("folder") : Value(static_cast<std::int64_t>(version)));
    const PlaybookAct act{.who = who,
                          .what = version == 0 ? "playbook.load" : "playbook.restore",
                          .target = {},  // The version that it becomes.
                          .how = version == 0 ? "folder" : "rolled_back",
                          .of = version,
                          .before = std::move(before),
                          .after = std::move(after),
                          .note = accepted.note};
    WINBACK_TRY(PlaybookSaved saved,
                templates.writer().replace(accepted.base, proposal.files, version == 0, act));
    if (saved.kind == PlaybookSaved::Kind::Saved) {
        templates.log("the playbook became version " + std::to_string(saved.version) +
                      (version == 0 ? " from its folder"
                                    : " with the texts of version " + std::to_string(version)) +
                      " by session or token " + who.id);
    }
    return saved;
}

}  // namespace winback::api
