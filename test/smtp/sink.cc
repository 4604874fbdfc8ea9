// winback_smtp_sink: accepts mail on 127.0.0.1 and writes down what it took, for crash tests.
//
// Prints "port N" when it listens. For each accepted message it appends one line
// "<Message-ID> <recipient>" to --out and syncs it before it replies 250, so the file holds exactly
// what the sink took responsibility for.
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "smtp/peer.h"

namespace {

constexpr std::string_view usage =
    "winback_smtp_sink [--port N] [--out FILE] [--delay-ms N] [--no-pipelining]\n"
    "  [--refuse-every N] [--refuse-code 451|550] [--refuse-at rcpt|dot]\n"
    "  [--die-at N] [--die-when body|dot|recorded]\n";

struct Flags {
    winback::test::PeerOptions peer;
    std::string out;
    int refuse_every = 0;
    std::string refuse_code = "451";
    std::string refuse_at = "rcpt";
    int die_at = 0;
    std::string die_when = "dot";
};

bool parse(int argc, char** argv, Flags& flags) {
    for (int i = 1; i < argc; ++i) {
        const std::string flag = argv[i];
        if (flag == "--no-pipelining") {
            flags.peer.pipelining = false;
            continue;
        }
        if (++i == argc) {
            return false;
        }
        const std::string value = argv[i];
        if (flag == "--port") {
            flags.peer.port = static_cast<std::uint16_t>(std::stoi(value));
        } else if (flag == "--out") {
            flags.out = value;
        } else if (flag == "--delay-ms") {
            flags.peer.reply_delay_ms = std::stoi(value);
        } else if (flag == "--refuse-every") {
            flags.refuse_every = std::stoi(value);
        } else if (flag == "--refuse-code") {
            flags.refuse_code = value;
        } else if (flag == "--refuse-at") {
            flags.refuse_at = value;
        } else if (flag == "--die-at") {
            flags.die_at = std::stoi(value);
        } else if (flag == "--die-when") {
            flags.die_when = value;
        } else {
            return false;
        }
    }
    return true;
}

std::string message_id(const std::string& data) {
    const std::size_t start = data.find("Message-ID: ");
    if (start == std::string::npos) {
        return "<>";
    }
    return data.substr(start + 12, data.find("\r\n", start) - start - 12);
}

winback::test::Action act(const Flags& flags, winback::test::Moment moment, int message) {
    using winback::test::Moment;
    const bool dies = message > 0 && message == flags.die_at &&
                      ((flags.die_when == "body" && moment == Moment::BodyStarted) ||
                       (flags.die_when == "dot" && moment == Moment::Dot) ||
                       (flags.die_when == "recorded" && moment == Moment::Recorded));
    if (dies) {
        _exit(9);
    }
    const bool here = flags.refuse_at == "rcpt" ? moment == Moment::Rcpt : moment == Moment::Dot;
    if (here && flags.refuse_every > 0 && message % flags.refuse_every == 0) {
        return {.reply = flags.refuse_code + ' ' + flags.refuse_code[0] + ".0.0 refused by flag"};
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    Flags flags;
    if (!parse(argc, argv, flags)) {
        std::fputs(usage.data(), stderr);
        return 2;
    }
    flags.peer.keep_mails = false;
    flags.peer.act = [&flags](winback::test::Moment moment, int, int message) {
        return act(flags, moment, message);
    };
    const int file =
        flags.out.empty() ? -1 : open(flags.out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (!flags.out.empty() && file < 0) {
        std::perror(flags.out.c_str());
        return 1;
    }
    std::mutex mutex;
    if (file >= 0) {
        flags.peer.record = [&](const winback::test::ReceivedMail& mail) {
            const std::string line = message_id(mail.data) + ' ' + mail.to + '\n';
            const std::lock_guard lock(mutex);
            if (write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
                fdatasync(file) != 0) {
                std::perror("winback_smtp_sink");
                _exit(1);
            }
        };
    }
    const winback::test::SmtpPeer peer(flags.peer);
    std::printf("port %d\n", peer.port());
    std::fflush(stdout);
    while (true) {
        pause();
    }
}
