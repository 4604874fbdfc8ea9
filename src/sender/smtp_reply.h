// Reads the replies of an SMTP server from a stream of bytes (RFC 5321 §4.2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace winback::sender {

constexpr std::size_t reply_line_max = 2'000;  // RFC 5321 asks for 512; some servers are chatty.
constexpr std::size_t reply_lines_max = 100;

struct SmtpReply {
    int code = 0;                    // 200..599
    std::vector<std::string> lines;  // Without code, separator and CRLF; printable.

    bool positive() const { return code / 100 == 2; }
    bool temporary() const { return code / 100 == 4; }
    bool permanent() const { return code / 100 == 5; }
    // "5.1.1" when the text starts with an RFC 3463 code of the reply's own class, else "".
    std::string enhanced() const;
    // All lines joined by spaces, without the enhanced codes.
    std::string text() const;
};

// Accepts lone LF as a line end, as every client does. After a mistake it stays in Broken.
class ReplyReader {
public:
    enum class State { NeedMore, Ready, Broken };

    void feed(std::string_view bytes) { buffer_ += bytes; }
    // Ready fills `reply` with the next complete reply.
    State next(SmtpReply& reply);
    // True when bytes were received that belong to no complete reply yet.
    bool has_rest() const { return at_ < buffer_.size() || !current_.lines.empty(); }
    // Bytes received before a TLS handshake must not count after it.
    void clear();

private:
    State take_line(std::string_view line, bool& last);

    std::string buffer_;
    std::size_t at_ = 0;
    SmtpReply current_;
    bool broken_ = false;
};

}  // namespace winback::sender
