// Kills a host with SIGKILL at random moments, 50 times, while it imports, ingests and sends to a
// real SMTP sink; then checks that nothing acknowledged was lost, that each visitor was merged
// once, that no message left twice, and that what may have left is listed.
//
// crash_test SINK_PROGRAM [ROUNDS [SEED]]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

namespace {

using namespace winback::crash;  // NOLINT(google-build-using-namespace)

struct Process {
    pid_t pid = -1;
    int out = -1;
    std::string buffer;

    // The next line, or empty after `timeout_ms` or at the end.
    std::string line(int timeout_ms) {
        while (true) {
            if (const std::size_t end = buffer.find('\n'); end != std::string::npos) {
                std::string text = buffer.substr(0, end);
                buffer.erase(0, end + 1);
                return text;
            }
            pollfd ready{.fd = out, .events = POLLIN, .revents = 0};
            char bytes[65536];
            if (::poll(&ready, 1, timeout_ms) <= 0) {
                return {};
            }
            const ssize_t size = ::read(out, bytes, sizeof bytes);
            if (size <= 0) {
                return {};
            }
            buffer.append(bytes, static_cast<std::size_t>(size));
        }
    }
    int finish() {
        int status = 0;
        ::waitpid(pid, &status, 0);
        ::close(out);
        return status;
    }
};

Process start(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        std::perror("pipe");
        std::exit(1);
    }
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const std::string& argument : command) {
            arguments.push_back(const_cast<char*>(argument.c_str()));
        }
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        std::perror(arguments[0]);
        ::_exit(127);
    }
    ::close(ends[1]);
    return {.pid = pid, .out = ends[0], .buffer = {}};
}

class CrashTest {
public:
    CrashTest(std::string self, std::string sink, int rounds, unsigned seed)
        : self_(std::move(self)), sink_(std::move(sink)), rounds_(rounds), random_(seed) {
        std::string name = (std::filesystem::temp_directory_path() / "winback-crash-XXXXXX");
        base_ = ::mkdtemp(name.data());
    }
    ~CrashTest() { std::filesystem::remove_all(base_); }

    int run() {
        Process sink = start({sink_, "--out", base_ + "/mails", "--delay-ms", "1"});
        port_ = sink.line(10'000).substr(5);
        for (int round = 0; round < rounds_; ++round) {
            kill_once();
        }
        const bool finished = finish();
        ::kill(sink.pid, SIGTERM);
        sink.finish();
        if (finished) {
            judge();
        }
        std::printf("%d kills, %d batches of %d, %zu messages, %zu sent, %zu in doubt: %s\n",
                    rounds_, batches_, batch_actions, states_.size(), mails_.size(),
                    doubtful_.size(), mistakes_ == 0 ? "ok" : "FAILED");
        return mistakes_ == 0 ? 0 : 1;
    }

private:
    int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

    Process start_child(int batches, bool finish) {
        return start({self_, "--child", base_ + "/data", port_, std::to_string(next_),
                      std::to_string(batches), finish ? "finish" : "run"});
    }

    void mistake(const std::string& text) {
        if (++mistakes_ <= 20) {
            std::printf("mistake: %s\n", text.c_str());
        }
    }

    void take_ack(const std::string& line) {
        const int batch = std::atoi(line.c_str() + 4);
        acknowledged_.insert(batch);
        while (acknowledged_.contains(next_)) {
            ++next_;
        }
        batches_ = std::max(batches_, batch + 1);
    }

    // After some batches and a moment, or at any moment, also while it starts.
    void kill_once() {
        Process child = start_child(next_ + 1000, false);
        const bool any_moment = below(4) == 0;
        const int batches = 1 + below(8);
        for (int i = 0; i < batches && !any_moment; ++i) {
            const std::string line = child.line(30'000);
            if (line.empty()) {
                mistake("the child came to a stop");
                break;
            }
            take_ack(line);
        }
        ::usleep(static_cast<useconds_t>(below(any_moment ? 150'000 : 20'000)));
        ::kill(child.pid, SIGKILL);
        for (std::string line = child.line(1000); !line.empty(); line = child.line(1000)) {
            take_ack(line);
        }
        if (const int status = child.finish(); WIFEXITED(status)) {
            mistake("the child ended by itself with " + std::to_string(WEXITSTATUS(status)));
        }
    }

    bool finish() {
        batches_ += 1;  // Whatever was submitted and not acknowledged is submitted again.
        batches_ = std::max(batches_, next_ + batches_in_flight + 1);
        Process child = start_child(batches_, true);
        bool ended = false;
        for (std::string line = child.line(90'000); !line.empty(); line = child.line(90'000)) {
            std::istringstream words(line);
            std::string kind;
            std::string name;
            words >> kind >> name;
            if (kind == "ack") {
                take_ack(line);
            } else if (kind == "customer") {
                words >> orders_[name] >> views_[name];
            } else if (kind == "message") {
                words >> states_[name];
            } else if (kind == "in_doubt") {
                doubtful_.insert(name);
            }
            ended = ended || kind == "end";
        }
        if (const int status = child.finish(); !ended || status != 0) {
            mistake("the last run did not end well");
        }
        return ended;
    }

    void judge() {
        const int customers = batches_ * batch_actions / actions_per_customer;
        for (int i = 0; i < customers; ++i) {
            const std::string id = user_id(i);
            if (orders_[id] != 2 || views_[id] != 1) {
                mistake(id + " has " + std::to_string(orders_[id]) + " orders and " +
                        std::to_string(views_[id]) + " views");
            }
        }
        if (orders_.size() != static_cast<std::size_t>(customers)) {
            mistake("there are " + std::to_string(orders_.size()) + " customers, not " +
                    std::to_string(customers));
        }
        if (states_.size() != static_cast<std::size_t>(customers)) {
            mistake("there are " + std::to_string(states_.size()) + " messages");
        }
        if (doubtful_.size() > static_cast<std::size_t>(rounds_ * messages_in_flight)) {
            mistake(std::to_string(doubtful_.size()) + " messages are in doubt");
        }
        std::ifstream file(base_ + "/mails");
        for (std::string line; std::getline(file, line);) {
            mails_[line.substr(1, 32)] += 1;
        }
        for (const auto& [key, times] : mails_) {
            const std::string state = states_.contains(key) ? states_[key] : "unknown";
            if (times != 1) {
                mistake("message " + key + " left " + std::to_string(times) + " times");
            }
            if (state != "sent" && state != "in_doubt") {
                mistake("message " + key + " left and is " + state);
            }
        }
        for (const auto& [key, state] : states_) {
            if (state == "sent" && !mails_.contains(key)) {
                mistake("message " + key + " is sent and never arrived");
            }
            if (state == "in_doubt" && !doubtful_.contains(key)) {
                mistake("message " + key + " is in doubt and not listed");
            }
            if (state != "sent" && state != "in_doubt") {
                mistake("message " + key + " ended as " + state);
            }
        }
    }

    std::string self_;
    std::string sink_;
    std::string base_;
    std::string port_;
    int rounds_;
    std::mt19937 random_;
    int next_ = 0;     // First batch that was not acknowledged.
    int batches_ = 0;  // All below this were submitted.
    int mistakes_ = 0;
    std::set<int> acknowledged_;
    std::map<std::string, int> orders_;
    std::map<std::string, int> views_;
    std::map<std::string, std::string> states_;
    std::set<std::string> doubtful_;
    std::map<std::string, int> mails_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc == 7 && std::string(argv[1]) == "--child") {
        return run_child({.folder = argv[2],
                          .smtp_port = static_cast<std::uint16_t>(std::atoi(argv[3])),
                          .first_batch = std::atoi(argv[4]),
                          .batch_count = std::atoi(argv[5]),
                          .finish = std::string(argv[6]) == "finish"});
    }
    if (argc < 2) {
        std::fputs("crash_test SINK_PROGRAM [ROUNDS [SEED]]\n", stderr);
        return 2;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 50;
    const unsigned seed =
        argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : std::random_device{}();
    std::printf("seed %u\n", seed);
    return CrashTest("/proc/self/exe", argv[1], rounds, seed).run();
}
