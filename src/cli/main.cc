// The `winback` program: reads the command line and calls one command.
#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/terminal.h"

namespace winback::cli {
namespace {

// Each command keeps its arguments here until it is called.
struct Arguments {
    ImportArguments import;
    FitArguments fit;
    CheckArguments check;
    ServeArguments serve;
    SegmentArguments segment;
    CustomerArguments customer;
    ReplayArguments replay;
    ReportArguments report;
    ExplainArguments explain;
    KeyArguments key;
    UserArguments user;
    AuditArguments audit;
    BackupArguments backup;
    LiquidArguments liquid;
    ExprArguments expr;
    int exit_code = exit_ok;
};

void add_data(CLI::App* command, std::string& data) {
    command->add_option("--data", data, "Data folder")->required();
}

void add_json(CLI::App* command, bool& json) {
    command->add_flag("--json", json, "Answer in JSON, for programs");
}

void add_import(CLI::App& app, Arguments& a) {
    CLI::App* command = app.add_subcommand(
        "import",
        "Read events from a file: CSV or CSV.gz by a mapping, or JSON lines of Segment events.\n"
        "The same file twice changes nothing. Lines that cannot be read go to the rejects file.\n"
        "Example: winback import orders.csv.gz --map mapping.yaml --data shop");
    command->add_option("file", a.import.file, "CSV, CSV.gz or JSON lines")->required();
    command->add_option("--map", a.import.map, "Mapping (docs/design/import.md)")->required();
    add_data(command, a.import.data);
    command->add_flag("--strict", a.import.strict, "Refuse the whole file if one line is rejected");
    command->add_option("--rejects", a.import.rejects, "Where rejected lines are written");
    add_json(command, a.import.json);
    command->callback([&] { a.exit_code = run_import(a.import); });
}

void add_fit(CLI::App& app, Arguments& a) {
    CLI::App* command = app.add_subcommand(
        "fit",
        "Fit a model to orders and print its parameters, log-likelihood and convergence.\n"
        "Example: winback fit mbg-nbd --orders orders.csv --until 1997-09-30 --unit week");
    command->add_option("model", a.fit.model, "mbg-nbd, bg-nbd or gamma-gamma")
        ->required()
        ->check(CLI::IsMember({"mbg-nbd", "bg-nbd", "gamma-gamma"}));
    CLI::Option* data = command->add_option("--data", a.fit.data, "Data folder");
    command->add_option("--orders", a.fit.orders, "CSV with customer_id,date,amount")
        ->excludes(data);
    command->add_option("--until", a.fit.until, "Last day of the fitting period, YYYY-MM-DD");
    command->add_option("--unit", a.fit.unit, "Unit of time of the parameters")
        ->check(CLI::IsMember({"week", "day"}))
        ->capture_default_str();
    command->add_flag("--save", a.fit.save,
                      "Keep it in the data folder, with Gamma-Gamma and RFM edges, for decisions");
    add_json(command, a.fit.json);
    command->callback([&] { a.exit_code = run_fit(a.fit); });
}

void add_serve(CLI::App& app, Arguments& a) {
    CLI::App* command = app.add_subcommand(
        "serve",
        "Serve the event API, the JSON API and the pages.\n"
        "Without --smtp-host messages are rendered and kept (preview); nothing leaves.");
    add_data(command, a.serve.data);
    command->add_option("--address", a.serve.address, "Address to listen on")
        ->capture_default_str();
    command->add_option("--port", a.serve.port, "Port to listen on; 0 takes a free one")
        ->capture_default_str();
    command->add_option("--playbook", a.serve.playbook, "Playbook folder to load at start");
    command->add_flag("--sign-in", a.serve.sign_in, "Print a one-time sign-in link");
    command->add_option("--smtp-host", a.serve.smtp_host, "Hand messages to this mail server");
    command->add_option("--smtp-port", a.serve.smtp_port)->capture_default_str();
    command->add_option("--smtp-tls", a.serve.smtp_tls)
        ->check(CLI::IsMember({"none", "starttls", "tls"}))
        ->capture_default_str();
    command->add_option("--smtp-user", a.serve.smtp_user,
                        "User; the password is read from WINBACK_SMTP_PASSWORD");
    command->add_option("--smtp-ca-file", a.serve.smtp_ca_file, "Certificates to trust, PEM");
    command
        ->add_option("--webhooks-to", a.serve.webhooks_to,
                     "Addresses that webhooks may reach: public; loopback (this machine too); "
                     "private (private networks too); nobody (events wait)")
        ->check(CLI::IsMember({"public", "loopback", "private", "nobody"}))
        ->capture_default_str();
    command->add_option("--webhooks-ca-file", a.serve.webhooks_ca_file,
                        "Certificates to trust for webhooks, PEM");
    command->callback([&] { a.exit_code = run_serve(a.serve); });
}

void add_segment(CLI::App& app, Arguments& a) {
    CLI::App* segment =
        app.add_subcommand("segment", "Count or list the customers for whom a condition holds");
    segment->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, int (*run)(const SegmentArguments&)) {
        CLI::App* command = segment->add_subcommand(name, what);
        command
            ->add_option(
                "condition", a.segment.condition,
                "For example: ev(\"Order Completed\").within(\"90d\").none(); or the id of "
                "a segment")
            ->required();
        add_data(command, a.segment.data);
        command->add_option("--at", a.segment.at,
                            "As of this moment, from the histories: 2026-01-31 or "
                            "2026-01-31T18:30 by the clock of the workspace");
        add_json(command, a.segment.json);
        command->callback([&a, run] { a.exit_code = run(a.segment); });
        return command;
    };
    add("count", "How many customers", run_segment_count);
    CLI::App* members = add("members", "Which customers", run_segment_members);
    members->add_option("--limit", a.segment.limit, "Customers to list")->capture_default_str();
    members->add_flag("--csv", a.segment.csv, "Members as CSV with addresses and scores");
    add("explain", "Why a customer is in or not, and until when by itself", run_segment_explain)
        ->add_option("customer", a.segment.customer, "Their id")
        ->required();
}

void add_replay(CLI::App& app, Arguments& a) {
    CLI::App* command = app.add_subcommand(
        "replay",
        "Replay the last days of a data folder through a playbook on a virtual clock, into a new\n"
        "data folder that can be served. Nothing is delivered.\n"
        "Example: winback replay --data shop --playbook playbook --out shop-replay --days 90");
    add_data(command, a.replay.data);
    command->add_option("--playbook", a.replay.playbook, "Playbook folder")->required();
    command->add_option("--out", a.replay.out, "New folder for the outcome")->required();
    command->add_option("--days", a.replay.days, "Days to replay")
        ->check(CLI::Range(1, 3660))
        ->capture_default_str();
    add_json(command, a.replay.json);
    command->callback([&] { a.exit_code = run_replay(a.replay); });
}

void add_key(CLI::App& app, Arguments& a) {
    CLI::App* key = app.add_subcommand("key", "Keys for clients and programs");
    key->require_subcommand(1);
    CLI::App* create = key->add_subcommand(
        "create",
        "Make a key and print it once; only its hash is kept. Stop a running server first.\n"
        "Example: winback key create --kind write --name \"Online shop\" --data shop");
    add_data(create, a.key.data);
    create->add_option("--kind", a.key.kind, "write: send events; api: read with a token; sign_in")
        ->check(CLI::IsMember({"write", "api", "sign_in"}))
        ->capture_default_str();
    create->add_option("--name", a.key.name, "For lists")->capture_default_str();
    create
        ->add_option(
            "--scope", a.key.scopes,
            "What a token or link allows; may be given more than once:\n"
            "read (numbers, the default), personal (who customers are), write, send, admin")
        ->check(CLI::IsMember({"read", "personal", "write", "send", "admin"}));
    add_json(create, a.key.json);
    create->callback([&] { a.exit_code = run_key_create(a.key); });
}

void add_user(CLI::App& app, Arguments& a) {
    CLI::App* user = app.add_subcommand("user", "The people who sign in");
    user->require_subcommand(1);
    CLI::App* create = user->add_subcommand(
        "create",
        "Make a user; the password is read from standard input. Stop a running server first.\n"
        "Example: winback user create ada@example.com --role admin --data shop");
    create->add_option("--name", a.user.name, "As others see it");
    create->add_option("--role", a.user.role)
        ->check(CLI::IsMember({"viewer", "marketer", "approver", "admin"}))
        ->capture_default_str();
    create->add_flag("--personal", a.user.personal, "A viewer may see who customers are");
    create->add_option("--language", a.user.language)
        ->check(CLI::IsMember({"en", "tr", "ar", "fa"}))
        ->capture_default_str();
    create->callback([&] { a.exit_code = run_user_create(a.user); });
    CLI::App* list = user->add_subcommand("list", "Who there is");
    list->callback([&] { a.exit_code = run_user_list(a.user); });
    CLI::App* password =
        user->add_subcommand("password", "Set a password, read from standard input");
    password->callback([&] { a.exit_code = run_user_password(a.user); });
    CLI::App* disable = user->add_subcommand("disable", "End somebody's right to sign in");
    disable->callback([&] { a.exit_code = run_user_disable(a.user); });
    for (CLI::App* command : {create, password, disable}) {
        command->add_option("email", a.user.email, "E-mail address")->required();
    }
    for (CLI::App* command : {create, list, password, disable}) {
        add_data(command, a.user.data);
    }
}

void add_audit(CLI::App& app, Arguments& a) {
    CLI::App* audit = app.add_subcommand("audit", "Who changed what: the trail of a data folder");
    audit->require_subcommand(1);
    CLI::App* verify = audit->add_subcommand(
        "verify",
        "Walk the chain of the audit trail and name the first entry that is broken. Ends with 1 "
        "if\n"
        "there is one. The hash that it prints, kept elsewhere, proves later that nothing was made "
        "anew.");
    CLI::App* list = audit->add_subcommand("list", "The newest entries of the audit trail");
    list->add_option("--who", a.audit.who, "Id, or part of the name");
    list->add_option("--what", a.audit.what, "Such as template.save, or template");
    list->add_option("--target", a.audit.target, "What was changed");
    list->add_option("--customer", a.audit.customer, "Id of a customer who was changed");
    list->add_option("--limit", a.audit.limit)->check(CLI::Range(1, 200))->capture_default_str();
    for (CLI::App* command : {verify, list}) {
        add_data(command, a.audit.data);
        add_json(command, a.audit.json);
    }
    verify->callback([&] { a.exit_code = run_audit_verify(a.audit); });
    list->callback([&] { a.exit_code = run_audit_list(a.audit); });
}

void add_liquid(CLI::App& app, Arguments& a) {
    CLI::App* liquid = app.add_subcommand("liquid", "Judge the template language by suites");
    liquid->require_subcommand(1);
    CLI::App* conformance = liquid->add_subcommand(
        "conformance",
        "Run the cases of a suite, name those that fail, and count. Ends with 1 if any failed.\n"
        "Example: winback liquid conformance test/data/liquid/liquid_spec.jsonl");
    conformance->add_option("file", a.liquid.file, "Cases as lines of JSON")->required();
    CLI::App* serve = liquid->add_subcommand(
        "serve", "Speak the JSON-RPC of liquid-spec on standard input and output");
    for (CLI::App* command : {conformance, serve}) {
        command->add_option("--now", a.liquid.now, "What templates take for now, ISO 8601")
            ->capture_default_str();
    }
    conformance->callback([&] { a.exit_code = run_liquid_conformance(a.liquid); });
    serve->callback([&] { a.exit_code = run_liquid_serve(a.liquid); });
}

void add_expr(CLI::App& app, Arguments& a) {
    CLI::App* expr = app.add_subcommand("expr", "The condition language: its suite, its tree form");
    expr->require_subcommand(1);
    CLI::App* conformance = expr->add_subcommand(
        "conformance",
        "Run cases of CEL's suite strictly, name those that fail, and count. Ends with 1 if any "
        "failed,\nwith 2 if the file cannot be read.\n"
        "Example: winback expr conformance test/data/cel/cel_core.jsonl");
    conformance->add_option("file", a.expr.file, "Cases as lines of JSON")->required();
    conformance->callback([&] { a.exit_code = run_expr_conformance(a.expr); });
    CLI::App* tree = expr->add_subcommand(
        "tree",
        "Read a condition from standard input and write it as a tree of JSON.\n"
        "Example: echo 'user.plan == \"gold\"' | winback expr tree");
    tree->callback([&] { a.exit_code = run_expr_tree(); });
    CLI::App* text = expr->add_subcommand(
        "text", "Read such a tree from standard input and write it as text, comments kept");
    text->callback([&] { a.exit_code = run_expr_text(); });
}

void add_small(CLI::App& app, Arguments& a) {
    CLI::App* check = app.add_subcommand(
        "check",
        "Report every mistake of a playbook at once, each with file, line, column and a caret.\n"
        "Ends with 0 when there is none, else with 1. Example: winback check playbook");
    check->add_option("playbook", a.check.playbook, "Playbook folder")->required();
    add_json(check, a.check.json);
    check->callback([&] { a.exit_code = run_check(a.check); });

    CLI::App* customer = app.add_subcommand("customer", "Look at one customer");
    customer->require_subcommand(1);
    CLI::App* show = customer->add_subcommand(
        "show",
        "Facts, scores, consents and timeline. Example: winback customer show c-42 --data shop");
    show->add_option("id", a.customer.id, "Customer id")->required();
    add_data(show, a.customer.data);
    add_json(show, a.customer.json);
    show->callback([&] { a.exit_code = run_customer_show(a.customer); });

    CLI::App* report = app.add_subcommand("report", "The state of the base on one page");
    add_data(report, a.report.data);
    add_json(report, a.report.json);
    report->callback([&] { a.exit_code = run_report(a.report); });

    CLI::App* explain = app.add_subcommand(
        "explain",
        "Why a message was or was not sent: every gate, and the facts the condition went by.\n"
        "Keys stand in the timeline of a customer: winback customer show ID --data DIR");
    explain->add_option("key", a.explain.key, "Message key, 32 hex digits")->required();
    add_data(explain, a.explain.data);
    add_json(explain, a.explain.json);
    explain->callback([&] { a.exit_code = run_explain(a.explain); });

    CLI::App* backup = app.add_subcommand(
        "backup",
        "Copy a data folder consistently into a new folder. Stop a running server first.\n"
        "Example: winback backup shop-monday --data shop");
    backup->add_option("folder", a.backup.folder, "New folder for the copy")->required();
    add_data(backup, a.backup.data);
    backup->callback([&] { a.exit_code = run_backup(a.backup); });

    CLI::App* restore = app.add_subcommand(
        "restore",
        "Make a new data folder from a backup; one that holds data is never overwritten.\n"
        "Example: winback restore shop-monday --data shop-again");
    restore->add_option("folder", a.backup.folder, "Backup to read")->required();
    add_data(restore, a.backup.data);
    restore->callback([&] { a.exit_code = run_restore(a.backup); });
}

}  // namespace
}  // namespace winback::cli

int main(int argc, char** argv) {
    using namespace winback::cli;
    CLI::App app{
        "winback keeps customers: it reads what they do, knows who is leaving and why, decides "
        "whom to win back,\nsends the message and proves what it brought.\n"
        "Start with: winback import, winback check, winback replay, winback report, winback serve"};
    app.require_subcommand(1);
    app.set_version_flag("--version", WINBACK_VERSION);
    Arguments arguments;
    add_import(app, arguments);
    add_fit(app, arguments);
    add_serve(app, arguments);
    add_segment(app, arguments);
    add_replay(app, arguments);
    add_key(app, arguments);
    add_user(app, arguments);
    add_audit(app, arguments);
    add_liquid(app, arguments);
    add_expr(app, arguments);
    add_small(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        // CLI11 would not name the word that it does not know.
        if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
            fail({winback::ErrorCode::InvalidArgument,
                  "there is no command '" + std::string(argv[1]) + "'; see: winback --help"});
            return exit_usage;
        }
        app.exit(error);
        return exit_usage;
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? exit_ok : exit_usage;
    }
    return arguments.exit_code;
}
