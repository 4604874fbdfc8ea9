// A blocking HTTP client for tests: sends bytes exactly as told and reads what comes, so that
// broken and hostile requests can be written down as they are.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strings.h"
#include "http/request.h"

namespace winback::http {

struct Answer {
    int status = 0;  // 0: the connection ended instead.
    Pairs headers;
    std::string body;
    std::string field(std::string_view name) const {
        const std::string* value = find_field(headers, name);
        return value == nullptr ? std::string() : *value;
    }
};

class TestClient {
public:
    explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        // A server that never answers fails the test instead of hanging it.
        const timeval limit{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    ~TestClient() {
        if (socket_ >= 0) {
            ::close(socket_);
        }
    }
    TestClient(TestClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          connected_(other.connected_),
          input_(std::move(other.input_)) {}
    TestClient& operator=(TestClient&&) = delete;

    bool connected() const { return connected_; }

    // False when the server has closed the connection.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }

    // One answer. `head_only`: the request was HEAD.
    Answer receive(bool head_only = false) {
        Answer answer = receive_head();
        if (head_only || answer.status == 0) {
            return answer;
        }
        if (answer.field("transfer-encoding") == "chunked") {
            std::optional<std::string> chunk;
            while ((chunk = receive_chunk()) && !chunk->empty()) {
                answer.body += *chunk;
            }
            return chunk ? answer : Answer{};
        }
        const std::string length = answer.field("content-length");
        const auto size = static_cast<std::size_t>(length.empty() ? 0 : number(length));
        while (input_.size() < size) {
            if (!fill()) {
                return {};
            }
        }
        answer.body = input_.substr(0, size);
        input_.erase(0, answer.body.size());
        return answer;
    }

    Answer receive_head() {
        Answer answer;
        const std::optional<std::string> head = take_until("\r\n\r\n");
        if (!head) {
            return answer;
        }
        for (const std::string_view line : split(*head, '\n')) {
            const std::size_t colon = line.find(':');
            if (answer.status == 0) {
                answer.status = number(line.substr(9, 3));
            } else if (colon != std::string_view::npos) {
                answer.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
            }
        }
        return answer;
    }

    // One chunk of a streamed answer, empty at its end. Nothing when the connection ended before.
    std::optional<std::string> receive_chunk() {
        const std::optional<std::string> line = take_until("\r\n");
        if (!line) {
            return std::nullopt;
        }
        std::size_t size = 0;
        std::from_chars(line->data(), line->data() + line->size(), size, 16);
        while (input_.size() < size + 2) {
            if (!fill()) {
                return std::nullopt;
            }
        }
        std::string chunk = input_.substr(0, size);
        input_.erase(0, size + 2);
        return chunk;
    }

    // Everything up to the end of the connection.
    std::string receive_rest() {
        while (fill()) {
        }
        return std::exchange(input_, {});
    }

    Answer exchange(std::string_view bytes) {
        send(bytes);
        return receive();
    }

    // Waits for the server to close. False when bytes come instead, or nothing for 20 seconds.
    bool closed_by_server() {
        char byte = 0;
        const ssize_t count = ::recv(socket_, &byte, 1, 0);
        return input_.empty() && (count == 0 || (count < 0 && errno == ECONNRESET));
    }

private:
    static int number(std::string_view text) {
        int value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    std::optional<std::string> take_until(std::string_view mark) {
        std::size_t end = 0;
        while ((end = input_.find(mark)) == std::string::npos) {
            if (!fill()) {
                return std::nullopt;
            }
        }
        std::string text = input_.substr(0, end);
        input_.erase(0, end + mark.size());
        return text;
    }
    bool fill() {
        char chunk[16384];
        const ssize_t count = ::recv(socket_, chunk, sizeof chunk, 0);
        if (count <= 0) {
            return false;
        }
        input_.append(chunk, static_cast<std::size_t>(count));
        return true;
    }

    int socket_;
    bool connected_ = false;
    std::string input_;
};

inline std::string get(std::string_view path, std::string_view fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
           "\r\n";
}

inline std::string post(std::string_view path,
                        std::string_view body,
                        std::string_view fields = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace winback::http
