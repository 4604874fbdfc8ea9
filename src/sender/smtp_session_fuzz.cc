// Any bytes from a server, in any rhythm: every letter ends exactly once, and none is Sent, InDoubt
// or repeated unless the write of its final dot was begun.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>

#include "base/check.h"
#include "sender/smtp_session.h"

namespace {

using namespace winback::sender;  // NOLINT(google-build-using-namespace)

struct World {
    SmtpSession session;
    std::map<std::uint64_t, int> ended;
    std::string handed;  // All bytes that were given to a write.
    std::uint64_t taken = 0;
    std::string buffer;
    std::size_t at = 0;
    std::size_t begun = 0;

    explicit World(const SessionOptions& options) : session(options) {}

    void check_finished() {
        for (const Finished& finished : session.take_finished()) {
            const std::uint64_t id = finished.letter.id;
            WINBACK_CHECK(++ended[id] == 1);
            const std::string mark = "[" + std::to_string(id) + "]\r\n.";
            const std::size_t first = handed.find(mark);
            WINBACK_CHECK(first == std::string::npos ||
                          handed.find(mark, first + 1) == std::string::npos);
            if (finished.outcome.kind == OutcomeKind::Sent) {
                WINBACK_CHECK(first != std::string::npos);
            }
            if (finished.outcome.kind == OutcomeKind::NotSent || finished.try_elsewhere) {
                WINBACK_CHECK(first == std::string::npos);
            }
        }
    }

    // Writes in pieces; `leave` lets the last one begin without an end.
    void write(std::size_t limit, bool leave) {
        end_write();
        while (true) {
            if (at == buffer.size()) {
                session.swap_output(buffer);
                at = 0;
            }
            begun = std::min(limit, buffer.size() - at);
            if (begun == 0) {
                return;
            }
            handed += buffer.substr(at, begun);
            session.writing(begun);
            if (leave && at + begun == buffer.size()) {
                return;
            }
            end_write();
        }
    }

    void end_write() {
        session.wrote(begun);
        at += begun;
        begun = 0;
    }

    void take_letter() {
        Letter letter;
        letter.id = ++taken;
        letter.from = "a@b.test";
        letter.to = "c@d.test";
        letter.wire = stuff_dots("[" + std::to_string(letter.id) + "]");
        letter.size = letter.wire.size();
        session.take(std::move(letter));
    }
};

// Bytes that stand for whole replies, so that chance gets past the greeting.
std::string replies(const std::uint8_t* from, const std::uint8_t* to) {
    static const char* const canned[] = {"220 hi\r\n",
                                         "250-x\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n",
                                         "250-x\r\n250-STARTTLS\r\n250 SIZE 99\r\n",
                                         "250 ok\r\n",
                                         "354 go\r\n",
                                         "550 5.1.1 no\r\n",
                                         "451 4.0.0 later\r\n",
                                         "421 4.0.0 bye\r\n",
                                         "250 ok\r\n250 ok\r\n354 go\r\n",
                                         "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
                                         "235 in\r\n",
                                         "334 \r\n"};
    constexpr std::uint8_t first_canned = 0xf0;
    std::string out;
    for (; from != to; ++from) {
        const std::size_t number = static_cast<std::size_t>(*from) - first_canned;
        if (*from >= first_canned && number < std::size(canned)) {
            out += canned[number];
        } else {
            out += static_cast<char>(*from);
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    SessionOptions options;
    options.tls = static_cast<TlsMode>(data[0] & 3);
    options.pipelining = (data[0] & 4) != 0;
    options.user = (data[0] & 8) != 0 ? "user" : "";
    options.allow_plain_auth = (data[0] & 16) != 0;
    options.letters_max = data[0] >> 5;
    World world(options);
    world.session.open(options.tls == TlsMode::Implicit);
    // 0xff and 0xfe separate what the server says; after 0xff a letter may be handed over.
    std::size_t at = 1;
    while (at < size && !world.session.closed()) {
        std::size_t end = at;
        while (end < size && data[end] < 0xfe) {
            ++end;
        }
        world.session.receive(replies(data + at, data + end));
        world.check_finished();
        if (world.session.wants_tls()) {
            world.session.tls_started();
        }
        if (end < size && data[end] == 0xff && world.session.can_take()) {
            world.take_letter();
        }
        world.write(1 + data[at] % 64, end < size && data[end] == 0xff);
        static_cast<void>(world.session.patience());
        at = end + 1;
    }
    world.session.lost("end");
    world.check_finished();
    WINBACK_CHECK(world.ended.size() == world.taken);
    return 0;
}
