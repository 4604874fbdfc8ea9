// Commands of a few lines: check, explain, key create, backup, restore.
#include <algorithm>

#include <fmt/format.h>

#include "api/customers.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "host/audit.h"
#include "playbook/rehearsal.h"

namespace winback::cli {

int run_check(const CheckArguments& arguments) {
    Diagnostics diagnostics;
    const auto files = playbook::read_folder(arguments.playbook, &diagnostics);
    if (!files.has_value()) {
        return fail(files.error());
    }
    const playbook::LoadedPlaybook loaded = playbook::load(*files);
    diagnostics.insert(diagnostics.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
    if (loaded.definitions.has_value()) {
        const Timestamp now = host::SystemClock().now();
        for (Diagnostic& found : playbook::rehearse(*loaded.definitions, {.now = now})) {
            diagnostics.push_back(std::move(found));
        }
    }
    const bool wrong = has_errors(diagnostics);
    if (arguments.json) {
        ValueList list;
        for (const Diagnostic& d : diagnostics) {
            ValueMap map;
            map.set("code", d.code);
            map.set("file", d.file);
            map.set("line", d.position.line);
            map.set("column", d.position.column);
            map.set("message", d.message);
            map.set("warning", d.is_warning);
            list.emplace_back(std::move(map));
        }
        fmt::print("{}\n", to_json(list));
        return wrong ? exit_no : exit_ok;
    }
    fmt::print("{}", playbook::render(diagnostics, *files));
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& d) { return !d.is_warning; });
    const auto warnings = static_cast<std::ptrdiff_t>(diagnostics.size()) - errors;
    if (wrong) {
        fmt::print("{}: {} mistakes, {} warnings\n", arguments.playbook, errors, warnings);
        return exit_no;
    }
    const engine::Definitions& d = *loaded.definitions;
    fmt::print("{}: {} segments, {} journeys, {} templates, {} offers; no mistake",
               arguments.playbook, d.segments.size(), d.journeys.size(), d.templates.size(),
               d.offers.size());
    fmt::print("{}\n", warnings == 0 ? "" : fmt::format(", {} warnings", warnings));
    return exit_ok;
}

int run_explain(const ExplainArguments& arguments) {
    Hash128 key;
    if (!parse_hex(arguments.key, key)) {
        return fail({ErrorCode::InvalidArgument,
                     "'" + arguments.key + "' is not a message key; it has 32 hex digits"});
    }
    auto host = open_folder(arguments.data, false, "GET /api/v1/messages/" + arguments.key);
    if (!host.has_value()) {
        return fail(host.error());
    }
    const auto message = (*host)->message(key);
    if (!message.has_value()) {
        return fail(message.error());
    }
    const ValueMap tree = api::message_value(*message);
    if (arguments.json) {
        fmt::print("{}\n", to_json(tree));
        return exit_ok;
    }
    const engine::MessageDecided& decided = message->decided;
    const host::MessageStep& last = message->last();
    fmt::print("{} to {} by journey {}, step {}\n", decided.template_id, decided.customer,
               decided.journey, decided.step);
    fmt::print("{}{}{}\n\n", message::message_state_name(last.state),
               last.reason.has_value() ? " because of " : "",
               last.reason.has_value() ? message::refusal_reason_name(*last.reason) : "");
    for (const Value& gate : list_at(decided.explanation, "gates")) {
        const ValueMap& g = *gate.as_map();
        const bool passed = *g.find("passed")->as_bool();
        fmt::print("  {} {:<15} {}\n", passed ? "✓" : "✗", text_at(g, "gate"),
                   text_at(g, "detail"));
    }
    const ValueMap& because = map_at(decided.explanation, "because");
    fmt::print("\nentered because of segment {}\n", text_at(because, "segment"));
    for (const Value& fact : list_at(because, "facts")) {
        const ValueMap& f = *fact.as_map();
        const bool held = *f.find("held")->as_bool();
        fmt::print("  {} {}   [{}]\n", held ? "✓" : "✗", text_at(f, "condition"),
                   text_at(f, "value"));
    }
    fmt::print("\nsubject: {}\n\n{}\n", decided.rendered.subject, decided.rendered.text);
    return exit_ok;
}

int run_key_create(const KeyArguments& arguments) {
    auto host = open_folder(arguments.data, true);
    if (!host.has_value()) {
        return fail(host.error());
    }
    const host::KeyKind kind = *host::parse_key_kind(arguments.kind);
    const Timestamp now = host::SystemClock().now();
    const bool link = kind == host::KeyKind::SignIn;
    std::vector<std::string> scopes = arguments.scopes;
    if (kind == host::KeyKind::Write) {
        scopes.clear();
    } else if (scopes.empty()) {
        scopes =
            link ? std::vector<std::string>{"read", "personal"} : std::vector<std::string>{"read"};
    }
    const auto created =
        (*host)->keys().create(kind, arguments.name, std::move(scopes), now,
                               link ? now + host::sign_in_lifetime : timestamp_max);
    if (!created.has_value()) {
        return fail(created.error());
    }
    ValueMap after;
    after.set("kind", host::key_kind_name(kind));
    after.set("name", arguments.name);
    const auto recorded = (*host)->audit().record({.at = now,
                                                   .who = command_line,
                                                   .what = "key.create",
                                                   .target = created->key.id,
                                                   .before = {},
                                                   .after = std::move(after)});
    if (!recorded.has_value()) {
        return fail(recorded.error());
    }
    if (arguments.json) {
        ValueMap map;
        map.set("id", created->key.id);
        map.set("kind", host::key_kind_name(kind));
        map.set("key", created->secret);
        fmt::print("{}\n", to_json(map));
    } else {
        fmt::print("{}\n", created->secret);
    }
    return exit_ok;
}

int run_backup(const BackupArguments& arguments) {
    store::StoreOptions options;
    options.folder = arguments.data;
    options.create = false;
    const auto store = store::Store::open(options);
    if (!store.has_value()) {
        return fail(store.error());
    }
    if (const Status done = (*store)->backup(arguments.folder); !done.has_value()) {
        return fail(done.error());
    }
    fmt::print("{} holds a consistent copy of {}\n", arguments.folder, arguments.data);
    return exit_ok;
}

int run_restore(const BackupArguments& arguments) {
    if (const Status done = store::restore(arguments.folder, arguments.data); !done.has_value()) {
        return fail(done.error());
    }
    fmt::print("{} was made from {}\n", arguments.data, arguments.folder);
    return exit_ok;
}

}  // namespace winback::cli
