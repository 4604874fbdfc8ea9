#include "api/templates.h"

#include <algorithm>
#include <array>

#include "api/access.h"
#include "api/approvals.h"
#include "api/audit.h"
#include "api/guide.h"
#include "api/playbook.h"
#include "api/template_catalog.h"
#include "api/walk.h"
#include "host/host.h"
#include "host/playbook_log.h"
#include "playbook/rehearsal.h"

namespace winback::api {
namespace {

// Gives back what it counted up, however the call ends.
class Turn {
public:
    Turn(std::atomic<int>& count, int most) : count_(count), mine_(count.fetch_add(1) < most) {}
    ~Turn() { count_.fetch_sub(1); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    bool mine() const { return mine_; }

private:
    std::atomic<int>& count_;
    bool mine_;
};

constexpr std::array<std::string_view, 4> count_names{"sent", "previewed", "refused", "waiting"};

std::size_t count_of(message::MessageState state) {
    switch (state) {
        case message::MessageState::Sent:
        case message::MessageState::InDoubt:
            return 0;
        case message::MessageState::Previewed:
            return 1;
        case message::MessageState::Refused:
        case message::MessageState::Failed:
            return 2;
        case message::MessageState::Queued:
        case message::MessageState::Held:
        case message::MessageState::Sending:
            return 3;
    }
    return 3;
}

ValueMap counts_value(const std::array<std::int64_t, 4>& counts, Timestamp since) {
    ValueMap map;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        map.set(std::string(count_names[i]), counts[i]);
    }
    map.set("days", days_counted);
    map.set("since", format_iso8601(since));  // For addresses, too.
    return map;
}

ValueMap message_tree(const message::RenderedMessage& message) {
    ValueMap map;
    map.set("from_name", message.from_name);
    map.set("from", message.from);
    map.set("reply_to", message.reply_to);
    map.set("to", message.to);
    map.set("subject", message.subject);
    map.set("preheader", message.preheader);
    map.set("language", message.language);
    map.set("direction", message.direction);
    map.set("html", message.html);
    map.set("text", message.text);
    map.set("bytes", static_cast<std::int64_t>(message.html.size() + message.text.size()));
    return map;
}

std::string words_of(const std::vector<TestOutcome>& outcomes) {
    std::string words;
    for (const TestOutcome& outcome : outcomes) {
        words += (words.empty() ? "" : ", ") + outcome.state;
    }
    return words;
}

ValueList samples_value(const engine::Definitions& definitions) {
    ValueList list;
    for (const engine::Sample& sample : playbook::rehearsal_samples(definitions)) {
        ValueMap map;
        map.set("id", sample.id);
        map.set("language", sample.language);
        list.emplace_back(std::move(map));
    }
    return list;
}

// The languages of a template with their texts, for editors.
void add_texts(ValueMap& entry, const playbook::Files& files) {
    for (Value& value : *entry.set("variants", *entry.find("variants")).as_list()) {
        ValueMap& variant = *value.as_map();
        const auto file = files.find(*variant.find("file")->as_string());
        variant.set("source", file == files.end() ? std::string() : file->second);
    }
}

// Doubts about other files are not of this template.
void drop_doubts_of_others(Diagnostics& diagnostics, std::string_view id) {
    std::erase_if(diagnostics, [&](const Diagnostic& diagnostic) {
        const auto name = template_file_name(diagnostic.file);
        return diagnostic.is_warning && (!name || name->id != id);
    });
}

}  // namespace

TemplateDesk::TemplateDesk(Desk& desk, TemplateDeskOptions options)
    : desk_(desk),
      options_(std::move(options)),
      writer_(desk.host(),
              options_.playbook_folder,
              [&desk](const PlaybookAct& act, const PlaybookChange& change) {
                  return consider_playbook(desk, act, change);
              }),
      test_mail_(options_.sender),
      post_room_(std::make_shared<Desk>(
          desk.host(),
          DeskOptions{.threads = options_.threads, .waiting_max = 8, .overview_age_max = {}})),
      counts_(desk, options_.counts_age_max, count_messages) {}

std::shared_ptr<const ValueMap> TemplateDesk::catalog() {
    const engine::DefinitionsPtr definitions = desk_.host().definitions();
    if (definitions == nullptr) {
        return nullptr;
    }
    const std::lock_guard lock(catalog_mutex_);
    if (catalog_ == nullptr || catalog_version_ != definitions->version) {
        const Result<playbook::Files> files = desk_.host().playbook_files(definitions->version);
        catalog_ = std::make_shared<const ValueMap>(
            template_catalog(*definitions, files ? *files : playbook::Files(), desk_.host().now()));
        catalog_version_ = definitions->version;
    }
    return catalog_;
}

TemplateDesk::Counts TemplateDesk::count_messages(Desk& desk) {
    Counts counts{.since = desk.host().now() - days(days_counted), .by_template = {}};
    Walk(desk.host())
        .run([&](const host::ShardView& view, customer::CustomerIndex from,
                 customer::CustomerIndex to) {
            for (customer::CustomerIndex c = from; c < to; ++c) {
                for (const engine::MessageRecord& record : view.shard.messages(c)) {
                    if (record.decided_at >= counts.since) {
                        counts.by_template[record.template_id][count_of(record.state)] += 1;
                    }
                }
            }
        });
    return counts;
}

ValueMap TemplateDesk::list() {
    const std::shared_ptr<const ValueMap> catalog = this->catalog();
    ValueMap tree;
    if (catalog == nullptr) {
        tree.set("version", 0);
        tree.set("language", "en");
        tree.set("languages", ValueList());
        tree.set("templates", ValueList());
        return tree;
    }
    tree = *catalog;
    const std::shared_ptr<const Counts> counted = counts_.get();
    for (Value& value : *tree.set("templates", *tree.find("templates")).as_list()) {
        ValueMap& entry = *value.as_map();
        const auto found = counted->by_template.find(*entry.find("id")->as_string());
        entry.set("messages",
                  counts_value(found == counted->by_template.end() ? decltype(found->second)()
                                                                   : found->second,
                               counted->since));
    }
    return tree;
}

Result<ValueMap> TemplateDesk::describe(std::string_view id) {
    const ValueMap tree = list();
    for (const Value& value : *tree.find("templates")->as_list()) {
        if (*value.as_map()->find("id")->as_string() != id) {
            continue;
        }
        ValueMap entry = *value.as_map();
        const auto version = static_cast<std::uint64_t>(*tree.find("version")->as_int());
        WINBACK_TRY(const playbook::Files files, desk_.host().playbook_files(version));
        add_texts(entry, files);
        entry.set("version", *tree.find("version"));
        entry.set("workspace_language", *tree.find("language"));
        entry.set("samples", samples_value(*desk_.host().definitions()));
        return entry;
    }
    return Error{ErrorCode::NotFound, "there is no such template"};
}

Result<ValueMap> TemplateDesk::preview(const TemplateDraft& draft,
                                       const PreviewReader& reader,
                                       std::string_view owner) {
    const Turn turn(previews_, previews_at_once_max);
    if (!turn.mine()) {
        return Error{ErrorCode::Unavailable, "too many previews are being made; try again"};
    }
    WINBACK_TRY(TemplatePreview preview, preview_template(desk_, draft, reader));
    ValueMap tree;
    tree.set("file", preview.path);
    const std::optional<TemplateText> text = split_template(preview.text);
    tree.set("body_line", text ? text->body_line : 1);
    tree.set("reader", preview.reader);
    tree.set("is_sample", preview.is_sample);
    tree.set("message", preview.message ? Value(message_tree(*preview.message)) : Value());
    tree.set("problem", preview.problem.empty() ? Value() : Value(preview.problem));
    tree.set("diagnostics",
             template_diagnostics_value(preview.diagnostics, preview.files, preview.path));
    const bool shown = preview.message && !preview.message->html.empty() && !owner.empty();
    tree.set("draft",
             shown ? Value(drafts_.keep(owner, std::move(preview.message->html))) : Value());
    return tree;
}

Result<PlaybookSaved> TemplateDesk::save(const TemplateDraft& draft,
                                         std::uint64_t base_version,
                                         const host::Key& who) {
    WINBACK_TRY(const playbook::Files base, desk_.host().playbook_files(base_version));
    WINBACK_TRY(DraftFiles files, draft_files(base, draft));
    // Also when it says what it said: somebody else may have changed it since.
    files.changed.emplace(files.path, files.text);
    ValueMap before;
    before.set("version", static_cast<std::int64_t>(base_version));
    ValueMap after;
    after.set("file", files.path);
    const PlaybookAct act{.who = who,
                          .what = "template.save",
                          .target = draft.id,
                          .how = "template",
                          .before = std::move(before),
                          .after = std::move(after)};
    WINBACK_TRY(PlaybookSaved saved, writer_.save(base_version, files.changed, files.path, act));
    saved.file = saved.file.empty() ? files.path : saved.file;
    drop_doubts_of_others(saved.diagnostics, draft.id);
    if (saved.kind == PlaybookSaved::Kind::Saved) {
        log(files.path + " was saved as playbook version " + std::to_string(saved.version) +
            " by session or token " + who.id);
    }
    return saved;
}

Result<std::vector<TestOutcome>> TemplateDesk::send_test(const TemplateDraft& draft,
                                                         const PreviewReader& reader,
                                                         const std::vector<std::string>& recipients,
                                                         const host::Key& who) {
    WINBACK_TRY(const TemplatePreview preview, preview_template(desk_, draft, reader));
    if (!preview.message) {
        return Error{ErrorCode::InvalidArgument,
                     preview.problem.empty()
                         ? "the template has mistakes; mend them before you send a test"
                         : "the message cannot be written for this reader: " + preview.problem};
    }
    if (preview.message->html.empty() && preview.message->subject.empty()) {
        return Error{ErrorCode::InvalidArgument, "only e-mails can be sent as a test so far"};
    }
    WINBACK_TRY(std::vector<TestOutcome> outcomes,
                test_mail_.send(who.id, *preview.message, recipients, wall_clock()));
    ValueMap after;
    after.set("file", preview.path);
    after.set("addresses", static_cast<std::int64_t>(outcomes.size()));
    after.set("outcome", words_of(outcomes));
    record_change(
        desk_, who,
        {.what = "template.test", .target = draft.id, .before = {}, .after = std::move(after)});
    if (options_.log) {
        // No addresses: whoever reads the log need not know them.
        options_.log("a test of " + preview.path + " went to " + std::to_string(outcomes.size()) +
                     " addresses (" + words_of(outcomes) + ") by session or token " + who.id);
    }
    if (options_.delivers && std::any_of(outcomes.begin(), outcomes.end(),
                                         [](const auto& one) { return one.state == "sent"; })) {
        note_test_sent(desk_.host());
    }
    return outcomes;
}

ValueList template_diagnostics_value(const Diagnostics& diagnostics,
                                     const playbook::Files& files,
                                     std::string_view own_path) {
    ValueList list = diagnostics_value(diagnostics);
    for (std::size_t i = 0; i < list.size(); ++i) {
        ValueMap& map = *list[i].as_map();
        const Diagnostic& diagnostic = diagnostics[i];
        const auto file = files.find(diagnostic.file);
        std::string place;
        if (diagnostic.file == own_path && file != files.end()) {
            const std::optional<TemplateText> text = split_template(file->second);
            place = text ? text->place_of(diagnostic.position.line) : std::string("head");
        }
        map.set("file", diagnostic.file);
        map.set("place", place);
        const std::string shown = render(diagnostic, file == files.end() ? "" : file->second);
        map.set("shown", shown.substr(shown.find('\n') + 1));  // Its first line is `message`.
    }
    return list;
}

}  // namespace winback::api
