// Templates for programs and pages: what there is, one with its texts, a preview of a draft, a
// test message, and saving.
//
// docs/design/api.md "Templates" names routes, scopes and limits.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/cached.h"
#include "api/desk.h"
#include "api/playbook_writer.h"
#include "api/template_drafts.h"
#include "api/template_preview.h"
#include "api/test_mail.h"
#include "base/result.h"
#include "base/value.h"
#include "host/keys.h"
#include "sender/sender.h"

namespace winback::api {

constexpr std::size_t template_body_bytes_max = 2 * 1024 * 1024;  // Of a request.
constexpr int previews_at_once_max = 8;                           // Under way, of all.
constexpr int days_counted = 30;                                  // Of messages, beside a template.

struct TemplateDeskOptions {
    std::string playbook_folder;                // What is saved is written there; empty: nowhere.
    std::shared_ptr<sender::Sender> sender;     // Takes test messages; null: they fail.
    bool delivers = false;                      // False: the sender keeps messages as previews.
    std::function<void(std::string_view)> log;  // One line for each save and test.
    int threads = 1;  // That wait for mail servers; 0: the work is done inside the call.
    // How long the counts of messages may be shown before they are counted again.
    Duration counts_age_max = seconds(30);
};

class TemplateDesk {
public:
    // The desk must outlive this.
    TemplateDesk(Desk& desk, TemplateDeskOptions options);

    // {version, languages, templates: [...]}: every template with its languages, its steps, its
    // messages of the last days and its mistakes. Empty lists without a playbook. Blocks.
    ValueMap list();
    // One entry of the list, with the text of each language beside. Fails with NotFound.
    Result<ValueMap> describe(std::string_view id);

    // As preview_template; LimitExceeded when too many are under way. `owner`: whose draft it
    // becomes; empty: nobody's.
    Result<ValueMap> preview(const TemplateDraft& draft,
                             const PreviewReader& reader,
                             std::string_view owner);

    // `who` is written to the log. Fails as draft_files and PlaybookWriter::save.
    Result<PlaybookSaved> save(const TemplateDraft& draft,
                               std::uint64_t base_version,
                               const host::Key& who);

    // Fails as preview_template and TestMail::send, and with InvalidArgument when the draft has
    // mistakes or is no e-mail. Blocks for up to test_patience: call it in the post room.
    Result<std::vector<TestOutcome>> send_test(const TemplateDraft& draft,
                                               const PreviewReader& reader,
                                               const std::vector<std::string>& recipients,
                                               const host::Key& who);

    Desk& desk() { return desk_; }
    PlaybookWriter& writer() { return writer_; }
    void log(const std::string& line) const {
        if (options_.log) {
            options_.log(line);
        }
    }
    // Where requests wait that wait for a mail server.
    const std::shared_ptr<Desk>& post_room() const { return post_room_; }
    const TemplateDrafts& drafts() const { return drafts_; }
    const TemplateDeskOptions& options() const { return options_; }

private:
    struct Counts {
        Timestamp since;  // Of messages that were decided then or later.
        // Sent, previewed, refused, waiting.
        std::map<std::string, std::array<std::int64_t, 4>> by_template;
    };

    static Counts count_messages(Desk& desk);
    std::shared_ptr<const ValueMap> catalog();

    Desk& desk_;
    TemplateDeskOptions options_;
    PlaybookWriter writer_;
    TemplateDrafts drafts_;
    TestMail test_mail_;
    std::shared_ptr<Desk> post_room_;
    std::atomic<int> previews_{0};

    std::mutex catalog_mutex_;
    std::uint64_t catalog_version_ = 0;
    std::shared_ptr<const ValueMap> catalog_;
    Cached<Counts> counts_;
};

// The diagnostics with the lines that they point at: `file`, `place` (a field of the head, or
// "body") and `shown` beside what diagnostics_value gives.
ValueList template_diagnostics_value(const Diagnostics& diagnostics,
                                     const playbook::Files& files,
                                     std::string_view own_path);

}  // namespace winback::api
