// Messages a second into a local sink, beside a bare socket that repeats prepared bytes.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sender/mime.h"
#include "sender/smtp.h"
#include "smtp/peer.h"

namespace winback::sender {
namespace {

constexpr int messages_per_round = 2'000;

Mail twenty_kilobytes() {
    Mail mail;
    mail.message_key = "0123456789abcdef0123456789abcdef";
    mail.message_id_domain = "shop.test";
    mail.from = {"Shop", "news@shop.test"};
    mail.to = {"Ayşe Yılmaz", "customer@example.test"};
    mail.subject = "Sizi özledik";
    while (mail.html.size() < 16'000) {
        mail.html += "<p>Sizi özledik. <a href=\"https://shop.test/\">Yeni ürünler</a></p>\n";
    }
    mail.text = mail.html.substr(0, 2'000);
    return mail;
}

test::PeerOptions sink(benchmark::State& state) {
    test::PeerOptions options;
    options.keep_mails = false;
    options.reply_delay_ms = static_cast<int>(state.range(1));
    return options;
}

void Compose(benchmark::State& state) {
    const Mail mail = twenty_kilobytes();
    for (auto _ : state) {
        auto composed = compose(mail);
        benchmark::DoNotOptimize(stuff_dots(composed->bytes));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Compose);

// Arguments: connections, milliseconds before each reply.
void OurSender(benchmark::State& state) {
    const test::SmtpPeer peer(sink(state));
    SmtpOptions options;
    options.host = "127.0.0.1";
    options.port = peer.port();
    options.connections_max = static_cast<int>(state.range(0));
    options.session.tls = TlsMode::None;
    auto sender = SmtpSender::create(options);
    const Mail mail = twenty_kilobytes();
    std::atomic<int> sent = 0;
    const int messages = state.range(1) > 0 ? 100 * options.connections_max : messages_per_round;
    for (auto _ : state) {
        for (int i = 0; i < messages; ++i) {
            (*sender)->submit({mail}, [&sent](const Outcome& outcome) {
                sent += outcome.kind == OutcomeKind::Sent ? 1 : 0;
            });
        }
        (*sender)->drain();
    }
    if (sent != static_cast<int>(state.iterations()) * messages) {
        state.SkipWithError("a message was not sent");
    }
    state.SetItemsProcessed(sent);
}

// The floor: one thread a connection, the same bytes, pipelined, replies counted and not read.
void raw_connection(std::uint16_t port, const std::string& exchange, int messages) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        std::abort();
    }
    std::vector<char> input(65'536);
    const auto await_lines = [&](int lines) {
        while (lines > 0) {
            const ssize_t got = recv(fd, input.data(), input.size(), 0);
            if (got <= 0) {
                std::abort();
            }
            for (ssize_t i = 0; i < got; ++i) {
                lines -= input[static_cast<std::size_t>(i)] == '\n' ? 1 : 0;
            }
        }
    };
    const std::string first = "EHLO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n";
    send(fd, first.data(), first.size(), 0);
    await_lines(1 + 3 + 3);
    for (int i = 0; i < messages; ++i) {
        std::size_t at = 0;
        while (at < exchange.size()) {
            const ssize_t sent = send(fd, exchange.data() + at, exchange.size() - at, 0);
            if (sent <= 0) {
                std::abort();
            }
            at += static_cast<std::size_t>(sent);
        }
        await_lines(4);
    }
    close(fd);
}

void RawSocket(benchmark::State& state) {
    const test::SmtpPeer peer(sink(state));
    const auto composed = compose(twenty_kilobytes());
    const std::string exchange =
        stuff_dots(composed->bytes) + "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n";
    const int connections = static_cast<int>(state.range(0));
    const int messages = state.range(1) > 0 ? 100 : messages_per_round / connections;
    for (auto _ : state) {
        std::vector<std::thread> threads;
        for (int i = 0; i < connections; ++i) {
            threads.emplace_back([&] { raw_connection(peer.port(), exchange, messages); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    state.SetItemsProcessed(state.iterations() * messages * connections);
}

void shapes(benchmark::internal::Benchmark* bench) {
    bench->Args({1, 0})->Args({10, 0})->Args({1, 20})->Args({10, 20})->Args({50, 20});
    bench->UseRealTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK(RawSocket)->Apply(shapes);
BENCHMARK(OurSender)->Apply(shapes);

}  // namespace
}  // namespace winback::sender
