// The playbook and its versions: what each changed, whether the present one has mistakes, the
// folder read again, and an earlier version made the present one.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/desk.h"
#include "api/playbook_writer.h"
#include "api/templates.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::api {

constexpr std::size_t versions_limit_default = 20;
constexpr std::size_t versions_limit_max = 100;

// 0: no playbook is loaded.
std::uint64_t present_version(Desk& desk);

// {version, versions: [...], before}: newest first, those below `before` (0: from the newest).
// Each with when, by whom and how, and how many files and lines it changed. Fails with Corrupt.
Result<ValueMap> list_versions(Desk& desk, std::uint64_t before, std::size_t limit);

// {version, note, files, difference}: against the version before it, or against `against`.
// Fails with NotFound.
Result<ValueMap> describe_version(Desk& desk, std::uint64_t version, std::uint64_t against);

// {path, lines: [...]} of one file. Fails with NotFound.
Result<ValueMap> playbook_file(Desk& desk, std::uint64_t version, std::string_view path);

// What loading and rehearsing find in the present version; found once for each version, which
// takes up to some seconds.
struct PlaybookCheck {
    std::uint64_t version = 0;
    ValueList diagnostics;  // As template_diagnostics_value.
    std::int64_t errors = 0;
    std::int64_t warnings = 0;
};
class PlaybookChecks {
public:
    explicit PlaybookChecks(Desk& desk) : desk_(desk) {}
    // Blocks until it is found.
    std::shared_ptr<const PlaybookCheck> get();
    // Null while it is being found, behind the caller's back; null also when the desk is too busy.
    std::shared_ptr<const PlaybookCheck> latest();

private:
    std::shared_ptr<const PlaybookCheck> known(std::uint64_t version);

    Desk& desk_;
    std::mutex finding_;  // Held while a version is rehearsed.
    std::mutex mutex_;    // Of what follows.
    std::shared_ptr<const PlaybookCheck> check_;
    bool under_way_ = false;
};

// A change that somebody thinks of: the texts, and how they differ from the present ones.
struct PlaybookProposal {
    playbook::Files files;
    ValueMap tree;  // {version, from, print, difference, diagnostics, errors, warnings}
};
// The folder as it is now. Fails with Conflict without a folder, and as read_folder.
Result<PlaybookProposal> propose_folder(TemplateDesk& templates);
// An earlier version. Fails with NotFound.
Result<PlaybookProposal> propose_version(TemplateDesk& templates, std::uint64_t version);

// The print of a proposal with these texts.
std::string print_of(const playbook::Files& files);
// What differs, file by file; `with_lines` with the lines.
ValueList difference_value(const playbook::Files& before,
                           const playbook::Files& after,
                           bool with_lines);

// What is seen, and what for: `note` goes to who must approve it, when somebody must.
struct AcceptedProposal {
    std::uint64_t base = 0;     // The version that it would replace.
    std::uint64_t version = 0;  // Whose texts come back; 0: the folder's.
    std::string print;
    std::string note;
};
// Carries it out when `print` names what was shown: otherwise it changed meanwhile, and the answer
// is Conflict. `who` is written beside the version, to the trail and to the log.
Result<PlaybookSaved> accept_proposal(TemplateDesk& templates,
                                      const AcceptedProposal& accepted,
                                      const host::Key& who);

// What programs are told of a save: 200, 400 `invalid_playbook` with the mistakes, or 409.
http::Response playbook_outcome(const PlaybookSaved& saved);

}  // namespace winback::api
