#include "sender/smtp_reply.h"

#include <utility>

#include "base/strings.h"

namespace winback::sender {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The length of "class.subject.detail" at the start of `line`; 0 if there is none.
std::size_t enhanced_length(std::string_view line, int code) {
    if (line.size() < 5 || line[0] != '0' + code / 100 || line[1] != '.') {
        return 0;
    }
    std::size_t at = 2;
    for (int field = 0; field < 2; ++field) {
        const std::size_t start = at;
        while (at < line.size() && at - start < 3 && is_digit(line[at])) {
            ++at;
        }
        if (at == start) {
            return 0;
        }
        if (field == 0 && (at == line.size() || line[at++] != '.')) {
            return 0;
        }
    }
    return at == line.size() || line[at] == ' ' ? at : 0;
}

std::string printable(std::string_view text) {
    std::string out(text);
    const bool keep_high = is_valid_utf8(text);
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !keep_high)) {
            c = ' ';
        }
    }
    return out;
}

}  // namespace

std::string SmtpReply::enhanced() const {
    return lines.empty() ? std::string{} : lines[0].substr(0, enhanced_length(lines[0], code));
}

std::string SmtpReply::text() const {
    std::string out;
    for (const std::string& line : lines) {
        std::string_view rest = std::string_view(line).substr(enhanced_length(line, code));
        while (rest.starts_with(' ')) {
            rest.remove_prefix(1);
        }
        if (!out.empty() && !rest.empty()) {
            out += ' ';
        }
        out += rest;
    }
    return out;
}

void ReplyReader::clear() {
    buffer_.clear();
    at_ = 0;
    current_ = {};
}

ReplyReader::State ReplyReader::take_line(std::string_view line, bool& last) {
    if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
        !is_digit(line[2])) {
        return State::Broken;
    }
    if (line.size() > 3 && line[3] != ' ' && line[3] != '-') {
        return State::Broken;
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const bool first = current_.lines.empty();
    if ((!first && code != current_.code) || current_.lines.size() >= reply_lines_max) {
        return State::Broken;
    }
    current_.code = code;
    current_.lines.push_back(printable(line.size() > 4 ? line.substr(4) : std::string_view{}));
    last = line.size() == 3 || line[3] == ' ';
    return State::Ready;
}

ReplyReader::State ReplyReader::next(SmtpReply& reply) {
    while (!broken_) {
        const std::size_t end = buffer_.find('\n', at_);
        if (end == std::string::npos) {
            buffer_.erase(0, std::exchange(at_, 0));
            broken_ = buffer_.size() > reply_line_max;
            return broken_ ? State::Broken : State::NeedMore;
        }
        std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
        at_ = end + 1;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        bool last = false;
        if (line.size() > reply_line_max || take_line(line, last) == State::Broken) {
            broken_ = true;
            break;
        }
        if (last) {
            reply = std::exchange(current_, {});
            return State::Ready;
        }
    }
    return State::Broken;
}

}  // namespace winback::sender
