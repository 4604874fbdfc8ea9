#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "api/api.h"
#include "api/desk.h"
#include "api/guide.h"
#include "api/imports.h"
#include "api/ingest.h"
#include "api/live_events.h"
#include "api/meter.h"
#include "api/playbook_versions.h"
#include "api/playbook_writer.h"
#include "api/sweep.h"
#include "api/templates.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "host/playbook_log.h"
#include "host/users.h"
#include "http/server.h"
#include "playbook/rehearsal.h"
#include "sender/preview.h"
#include "sender/smtp.h"
#include "sender/switched.h"
#include "ui/ui.h"
#include "webhook/courier.h"

namespace winback::cli {
namespace {

// A question that waits for a worker, or a condition over everybody, leaves the others to the
// pages.
constexpr int desk_threads = 4;
constexpr int ending_signals[] = {SIGINT, SIGTERM};

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<std::shared_ptr<sender::Sender>> make_sender(const ServeArguments& arguments) {
    if (arguments.smtp_host.empty()) {
        return std::shared_ptr<sender::Sender>(sender::make_preview_sender());
    }
    sender::SmtpOptions options;
    options.host = arguments.smtp_host;
    options.port = arguments.smtp_port;
    options.ca_file = arguments.smtp_ca_file;
    options.session.tls = arguments.smtp_tls == "none"  ? sender::TlsMode::None
                          : arguments.smtp_tls == "tls" ? sender::TlsMode::Implicit
                                                        : sender::TlsMode::StartTlsRequired;
    options.session.user = arguments.smtp_user;
    options.session.allow_plain_auth = is_loopback(arguments.smtp_host);
    // Not an option: other users of the machine can read command lines.
    if (const char* password = std::getenv("WINBACK_SMTP_PASSWORD")) {
        options.session.password = password;
    }
    WINBACK_TRY(std::unique_ptr<sender::SmtpSender> smtp,
                sender::SmtpSender::create(std::move(options)));
    return std::shared_ptr<sender::Sender>(std::move(smtp));
}

webhook::CourierOptions courier_options(const ServeArguments& arguments) {
    webhook::CourierOptions options;
    options.http.reach = arguments.webhooks_to == "loopback"  ? sender::Reach::Loopback
                         : arguments.webhooks_to == "private" ? sender::Reach::Private
                                                              : sender::Reach::Public;
    options.http.ca_file = arguments.webhooks_ca_file;
    options.log = [](std::string_view line) { fmt::print(stderr, "winback: {}\n", line); };
    return options;
}

void print_sign_in(host::Host& host, const std::string& address) {
    const Timestamp now = host::SystemClock().now();
    // The first one makes the first user; later ones let in whoever has the machine.
    const bool first = host.users().empty();
    const auto link = host.keys().create(
        host::Key{.id = {},
                  .kind = host::KeyKind::SignIn,
                  .name = "one-time link",
                  .scopes = {"admin"},
                  .created = now,
                  .expires = now + host::sign_in_lifetime,
                  .user = {},
                  .purpose = std::string(first ? host::purpose_first : std::string_view()),
                  .agent = {}},
        now);
    if (link.has_value()) {
        fmt::print("sign in once, within 30 minutes: {}/sign-in?token={}\n", address, link->secret);
    }
}

// Messages that may or may not have left when the process ended: people decide about them.
void print_in_doubt(host::Host& host) {
    constexpr std::size_t lines_max = 20;
    const std::vector<Hash128> keys = host.in_doubt();
    if (keys.empty()) {
        return;
    }
    fmt::print("{} messages are in doubt and are not sent again (winback explain KEY):\n",
               keys.size());
    for (std::size_t i = 0; i < std::min(keys.size(), lines_max); ++i) {
        fmt::print("  {}\n", to_hex(keys[i]));
    }
}

// Texts that were saved on a page and never reached the folder: the folder is what counts, but
// nobody shall lose a text in silence.
Status print_overruled(host::Host& host, const playbook::Files& folder) {
    WINBACK_TRY(const auto unwritten, api::unwritten_files(host.store()));
    for (const auto& [path, version] : unwritten) {
        WINBACK_TRY(const playbook::Files saved, host.playbook_files(version));
        const auto theirs = saved.find(path);
        const auto ours = folder.find(path);
        const bool same =
            theirs != saved.end() && ours != folder.end() && theirs->second == ours->second;
        if (!same) {
            fmt::print(stderr,
                       "winback: {} was saved on a page as version {} and is not so in the "
                       "folder; the folder counts from now on, version {} keeps the text\n",
                       path, version, version);
        }
    }
    return unwritten.empty() ? Status(Ok{}) : api::forget_unwritten_files(host.store());
}

Status load_playbook(host::Host& host, const std::string& folder) {
    WINBACK_TRY(ReadPlaybook read, read_playbook(folder));
    WINBACK_TRY(const Ok printed, print_overruled(host, read.files));
    static_cast<void>(printed);
    const engine::DefinitionsPtr before = host.definitions();
    WINBACK_TRY(const std::uint64_t version,
                host.load_playbook(std::move(read.definitions), read.files));
    if (before == nullptr || before->version != version) {
        WINBACK_TRY(
            const std::uint64_t recorded,
            host.audit().record({.at = host::SystemClock().now(),
                                 .who = command_line,
                                 .what = "playbook.load",
                                 .target = "playbook",
                                 .before = before == nullptr
                                               ? Value()
                                               : Value(static_cast<std::int64_t>(before->version)),
                                 .after = static_cast<std::int64_t>(version)}));
        WINBACK_TRY(
            const Ok noted,
            host::note_playbook(host.store(), version,
                                {.at = host::SystemClock().now(), .by = {}, .how = "folder"}));
        static_cast<void>(recorded);
        static_cast<void>(noted);
    }
    fmt::print("playbook {} is loaded as version {}\n", folder, version);
    return Ok{};
}

bool is_ending() {
    sigset_t pending;
    sigpending(&pending);
    return std::any_of(std::begin(ending_signals), std::end(ending_signals),
                       [&](int signal) { return sigismember(&pending, signal) == 1; });
}

// What the rehearsal finds is told, and keeps no server from starting: one that must start again
// comes back with the playbook that it had, and the gates refuse the messages that cannot be
// written, one by one. Done when the server answers already; a signal ends it.
void print_mistakes(host::Host& host, const std::string& folder) {
    const engine::DefinitionsPtr definitions = host.definitions();
    if (definitions == nullptr) {
        return;
    }
    std::set<std::tuple<std::string, std::string, Position>> mistakes;
    std::set<std::string> files;
    for (const auto& [id, ignored] : definitions->templates) {
        if (is_ending()) {
            return;
        }
        const playbook::RehearsalOptions options{.template_id = id, .now = host.now()};
        for (const Diagnostic& found : playbook::rehearse(*definitions, options)) {
            if (!found.is_warning) {
                mistakes.emplace(found.file, found.code, found.position);
                files.insert(found.file);
            }
        }
    }
    if (!mistakes.empty()) {
        fmt::print(stderr,
                   "winback: the rehearsal finds {} mistake{} in {} file{} of the playbook; {} "
                   "shows them. Messages that cannot be written are refused, the others go out as "
                   "they are\n",
                   mistakes.size(), mistakes.size() == 1 ? "" : "s", files.size(),
                   files.size() == 1 ? "" : "s",
                   folder.empty() ? "the page /templates" : "`winback check " + folder + "`");
    }
}

void print_line(std::string_view line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

// Says once when the mail server cannot be reached, and once when it can again.
class MailWatch {
public:
    explicit MailWatch(std::shared_ptr<sender::Sender> sender) : sender_(std::move(sender)) {}

    void look() {
        const auto* smtp = dynamic_cast<const sender::SmtpSender*>(sender_.get());
        if (smtp == nullptr) {
            return;
        }
        const std::string error = smtp->status().last_error;
        if (error.empty() != last_error_.empty()) {
            fmt::print(stderr, "winback: {}\n",
                       error.empty() ? "the mail server takes messages again"
                                     : "the mail server does not take messages (" + error +
                                           "); they wait and are tried again; check --smtp-host, "
                                           "--smtp-port and --smtp-tls");
        }
        last_error_ = error;
    }

private:
    std::shared_ptr<sender::Sender> sender_;
    std::string last_error_;
};

// Blocks until SIGINT or SIGTERM. Pre: they are blocked in all threads.
void wait_for_signal(const sigset_t& signals, MailWatch watch) {
    const timespec pause{.tv_sec = 2, .tv_nsec = 0};
    while (sigtimedwait(&signals, nullptr, &pause) < 0) {
        watch.look();
    }
}

// Where files that are being uploaded wait; empty, so that none are taken, when it cannot be made.
std::string uploads_folder(const std::string& data) {
    const std::filesystem::path folder = std::filesystem::path(data) / "uploads";
    std::error_code failed;
    std::filesystem::create_directory(folder, failed);
    if (failed) {
        fmt::print(stderr, "winback: no files can be uploaded: {}: {}\n", folder.string(),
                   failed.message());
        return {};
    }
    return folder.string();
}

// No playbook and nobody in it: keys may have been made before.
bool is_untouched(host::Host& host) {
    if (host.definitions() != nullptr) {
        return false;
    }
    std::atomic<bool> any = false;
    host.query([&](host::ShardView view) { any = any || view.shard.customers().size() > 0; });
    return !any;
}

// An untouched folder begins with the shipped playbook and with the guide. Nothing leaves before
// this has said whether it may.
Status make_ready(host::Host& host, const std::string& playbook, sender::SwitchedSender& sender) {
    if (!playbook.empty()) {
        WINBACK_TRY([[maybe_unused]] const Ok loaded, load_playbook(host, playbook));
    } else if (is_untouched(host)) {
        WINBACK_TRY([[maybe_unused]] const Ok begun, api::begin_guide(host));
    }
    WINBACK_TRY(const bool allowed, api::sending_allowed(host));
    sender.turn(allowed);
    if (!allowed) {
        fmt::print("sending is off; the page /start turns it on when all is set up\n");
    }
    return Ok{};
}

// What answers requests; each of them looks at those above it.
struct Parts {
    std::shared_ptr<api::Desk> desk;
    std::shared_ptr<api::TemplateDesk> templates;
    std::shared_ptr<api::Imports> imports;
    std::shared_ptr<api::Guide> guide;
    std::shared_ptr<webhook::Courier> courier;
    std::shared_ptr<api::Meter> meter;
    std::shared_ptr<api::Sweep> sweep;

    void end() {
        sweep.reset();
        guide.reset();
        imports.reset();
        templates.reset();
        desk.reset();
    }
};

Parts make_parts(host::Host& host,
                 const ServeArguments& arguments,
                 const std::shared_ptr<sender::Sender>& sender,
                 const std::shared_ptr<sender::SwitchedSender>& switched,
                 const std::shared_ptr<webhook::Courier>& courier) {
    Parts parts;
    parts.courier = courier;
    const bool delivers = !arguments.smtp_host.empty();
    parts.meter = std::make_shared<api::Meter>();
    parts.desk = std::make_shared<api::Desk>(host, api::DeskOptions{.threads = desk_threads});
    parts.desk->overview();   // Who comes first should not have to wait for it.
    parts.desk->directory();  // Filled before the first page asks for it.
    parts.desk->part<api::PlaybookChecks>().latest();
    // Test messages pass by the switch: they are how it is earned.
    parts.templates = std::make_shared<api::TemplateDesk>(
        *parts.desk, api::TemplateDeskOptions{.playbook_folder = arguments.playbook,
                                              .sender = sender,
                                              .delivers = delivers,
                                              .log = print_line});
    parts.guide = std::make_shared<api::Guide>(
        *parts.desk, *parts.templates,
        api::GuideOptions{.delivers = delivers,
                          .turn_sending = [switched](bool on) { switched->turn(on); }});
    parts.imports = std::make_shared<api::Imports>(
        *parts.desk, api::ImportsOptions{.folder = arguments.data + "/imports",
                                         .log = print_line,
                                         .ended = [guide = parts.guide] { guide->look_again(); },
                                         .outbound = courier});
    parts.sweep = std::make_shared<api::Sweep>(*parts.desk, api::SweepOptions{.log = print_line});
    return parts;
}

void add_routes(http::Router& router, host::Host& host, const Parts& parts) {
    api::IngestPorts ports = api::ingest_ports(host);
    ports.live = std::shared_ptr<api::LiveEvents>(parts.desk, &parts.desk->part<api::LiveEvents>());
    api::add_ingest_routes(router, std::move(ports));
    api::add_api_routes(router, host,
                        {.desk = parts.desk,
                         .templates = parts.templates,
                         .imports = parts.imports,
                         .webhooks = parts.courier,
                         .meter = parts.meter,
                         .guide = parts.guide});
    ui::add_ui_routes(router, host,
                      {.desk = parts.desk,
                       .templates = parts.templates,
                       .guide = parts.guide,
                       .imports = parts.imports,
                       .webhooks = parts.courier});
}

// Of every thread that comes after it: wait_for_signal takes them.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : ending_signals) {
        sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

}  // namespace

int run_serve(const ServeArguments& arguments) {
    const sigset_t signals = block_signals();
    auto sender = make_sender(arguments);
    if (!sender.has_value()) {
        return fail(sender.error());
    }
    const auto switched = std::make_shared<sender::SwitchedSender>(
        *sender, std::shared_ptr<sender::Sender>(sender::make_preview_sender()));
    host::HostOptions options = folder_options(arguments.data, true);
    options.send.email = switched;
    const auto courier = std::make_shared<webhook::Courier>(courier_options(arguments));
    options.outbound = courier;
    auto opened = host::Host::open(std::move(options));
    if (!opened.has_value()) {
        return fail(opened.error());
    }
    host::Host& host = **opened;
    if (const Status ready = make_ready(host, arguments.playbook, *switched); !ready.has_value()) {
        return fail(ready.error());
    }
    print_in_doubt(host);
    http::Router router;
    Parts parts = make_parts(host, arguments, *sender, switched, courier);
    const std::shared_ptr<api::Meter> meter = parts.meter;
    add_routes(router, host, parts);
    http::ServerOptions server_options;
    server_options.address = arguments.address;
    server_options.port = arguments.port;
    server_options.on_access = [meter](const http::AccessRecord& record) { meter->count(record); };
    server_options.uploads.folder = uploads_folder(arguments.data);
    auto server = std::make_unique<http::Server>(std::move(server_options), std::move(router));
    meter->watch([&server] { return server->stats(); });
    if (host.origin().replay_of.empty() && arguments.webhooks_to != "nobody") {
        courier->start();
    }
    const auto port = server->start();
    if (!port.has_value()) {
        return fail(port.error());
    }
    const std::string address = fmt::format("http://{}:{}", arguments.address, *port);
    fmt::print("listening on {}\n", address);
    if (arguments.sign_in) {
        print_sign_in(host, address);
    }
    std::fflush(stdout);
    print_mistakes(host, arguments.playbook);
    wait_for_signal(signals, MailWatch(*sender));
    fmt::print("stopping\n");
    meter->stop();
    server->stop();
    parts.imports->stop();
    parts.sweep->stop();
    meter->watch({});
    // The desk looks at the host from threads of its own: they end before it is closed.
    server.reset();
    parts.end();
    const Status closed = host.close();
    switched->stop();
    return closed.has_value() ? exit_ok : fail(closed.error());
}

}  // namespace winback::cli
