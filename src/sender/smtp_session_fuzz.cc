// Any bytes from a server, in any rhythm: every letter ends exactly once, and none is Sent, InDoubt
// or repeated unless the write of its final dot was begun.
#include <cstdint>
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

    void write(std::size_t limit) {
        static std::string buffer;
        session.swap_output(buffer);
        for (std::size_t at = 0; at < buffer.size();) {
            const std::size_t size = std::min(limit, buffer.size() - at);
            handed += buffer.substr(at, size);
            session.writing(size);
            session.wrote(size);
            at += size;
        }
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
        world.session.receive(std::string(data + at, data + end));
        world.check_finished();
        if (world.session.wants_tls()) {
            world.session.tls_started();
        }
        if (end < size && data[end] == 0xff && world.session.can_take()) {
            world.take_letter();
        }
        world.write(1 + data[at] % 64);
        static_cast<void>(world.session.patience());
        at = end + 1;
    }
    world.session.lost("end");
    world.check_finished();
    WINBACK_CHECK(world.ended.size() == world.taken);
    return 0;
}
