#include "http/multipart.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace winback::http {
namespace {

// White space that may stand between a delimiter and its line end (RFC 2046 §5.1.1).
constexpr std::size_t padding_bytes_max = 32;

Error malformed(std::string_view what) {
    return {ErrorCode::InvalidArgument, "the form is not well-formed: " + std::string(what)};
}

bool is_boundary_character(char c) {
    constexpr std::string_view marks = "'()+_,-./:=? ";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Takes one parameter, `; name=value` or `; name="value"`, off the front of `text`. False at the
// end and at what is none: the caller looks whether anything is left.
bool take_parameter(std::string_view& text, std::string_view& name, std::string& value) {
    std::string_view rest = trim(text);
    if (rest.empty() || rest.front() != ';') {
        return false;
    }
    rest = trim(rest.substr(1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) {
        return false;
    }
    name = trim(rest.substr(0, equals));
    rest = trim(rest.substr(equals + 1));
    value.clear();
    if (rest.empty() || rest.front() != '"') {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        value = trim(rest.substr(0, end));
        text = rest.substr(end);
        return true;
    }
    std::size_t i = 1;
    for (; i < rest.size() && rest[i] != '"'; ++i) {
        // Old browsers send C:\folder\file.csv, so a backslash escapes only what needs it.
        const bool escapes = rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"';
        i += escapes ? 1 : 0;
        value += rest[i];
    }
    if (i >= rest.size()) {
        return false;
    }
    text = rest.substr(i + 1);
    return true;
}

// Browsers write a quote and line ends inside of a name so, and nothing else (WHATWG HTML).
std::string undo_form_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view three = text.substr(i, 3);
        if (three == "%22") {
            out += '"';
        } else if (three == "%0D" || three == "%0d") {
            out += '\r';
        } else if (three == "%0A" || three == "%0a") {
            out += '\n';
        } else {
            out += text[i];
            continue;
        }
        i += 2;
    }
    return out;
}

Result<PartHead> parse_part_head(std::string_view head) {
    std::optional<PartHead> found;
    std::string content_type;
    for (std::string_view line : split(head, '\n')) {
        line = trim(line);
        const std::size_t colon = line.find(':');
        if (line.empty()) {
            continue;
        }
        if (colon == std::string_view::npos || colon == 0) {
            return malformed("a part's head holds a line that is no field");
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trim(line.substr(colon + 1));
        if (equals_ignoring_case(name, "content-disposition")) {
            if (found) {
                return malformed("a part says twice what it is");
            }
            WINBACK_TRY(found, parse_disposition(value));
        } else if (equals_ignoring_case(name, "content-type")) {
            content_type = value;
        } else if (equals_ignoring_case(name, "content-transfer-encoding") &&
                   !equals_ignoring_case(value, "binary") && !equals_ignoring_case(value, "8bit") &&
                   !equals_ignoring_case(value, "7bit")) {
            return malformed("a part is encoded, which no browser does");
        }
    }
    if (!found) {
        return malformed("a part does not say what it is (Content-Disposition)");
    }
    if (starts_with_ignoring_case(content_type, "multipart/")) {
        return malformed("a part holds parts itself");
    }
    found->content_type = std::move(content_type);
    return *std::move(found);
}

}  // namespace

Result<std::optional<std::string>> multipart_boundary(std::string_view content_type) {
    const std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
    if (!equals_ignoring_case(trim(content_type.substr(0, semicolon)), "multipart/form-data")) {
        return std::optional<std::string>();
    }
    std::string_view rest = content_type.substr(semicolon);
    std::string_view name;
    std::string value;
    while (take_parameter(rest, name, value)) {
        if (equals_ignoring_case(name, "boundary")) {
            const bool sound = !value.empty() && value.size() <= boundary_bytes_max &&
                               value.back() != ' ' &&
                               std::all_of(value.begin(), value.end(), is_boundary_character);
            if (!sound) {
                break;
            }
            return std::optional(std::move(value));
        }
    }
    return malformed("its boundary is missing or not one");
}

Result<PartHead> parse_disposition(std::string_view value) {
    const std::size_t semicolon = std::min(value.find(';'), value.size());
    if (!equals_ignoring_case(trim(value.substr(0, semicolon)), "form-data")) {
        return malformed("a part is no form-data");
    }
    PartHead head;
    std::string_view rest = value.substr(semicolon);
    std::string_view name;
    std::string text;
    bool named = false;
    while (take_parameter(rest, name, text)) {
        if (equals_ignoring_case(name, "name")) {
            if (std::exchange(named, true)) {
                return malformed("a part has two names");
            }
            head.name = undo_form_escapes(text);
        } else if (equals_ignoring_case(name, "filename")) {
            if (std::exchange(head.is_file, true)) {
                return malformed("a part has two file names");
            }
            head.filename = safe_filename(undo_form_escapes(text));
        }
    }
    if (!trim(rest).empty() && trim(rest) != ";") {
        return malformed("a part's Content-Disposition cannot be read");
    }
    if (head.name.empty() || !is_valid_utf8(head.name)) {
        return malformed("a part has no name, or one that is not UTF-8");
    }
    return head;
}

std::string safe_filename(std::string_view name) {
    const std::size_t slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) {
        name.remove_prefix(slash + 1);
    }
    if (!is_valid_utf8(name)) {
        return {};
    }
    constexpr std::string_view special = "<>:\"|?*";
    std::string out;
    for (const char c : name) {
        if (!is_control(c) && special.find(c) == std::string_view::npos) {
            out += c;
        }
    }
    out.erase(0, out.find_first_not_of(". "));
    if (out.size() > filename_bytes_max) {
        std::size_t end = filename_bytes_max;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        out.resize(end);
    }
    out.erase(out.find_last_not_of(". ") + 1);
    return out;
}

MultipartReader::MultipartReader(std::string_view boundary, PartSink& sink)
    : delimiter_("\r\n--" + std::string(boundary)), sink_(sink), held_("\r\n") {}

Status MultipartReader::feed(std::string_view bytes) {
    if (state_ == State::Done) {
        return Ok{};  // An epilogue says nothing.
    }
    held_ += bytes;
    bool moved = true;
    while (moved) {
        moved = false;
        if (Status done = step(moved); !done) {
            return done;
        }
    }
    held_.erase(0, begin_);
    begin_ = 0;
    return Ok{};
}

Status MultipartReader::step(bool& moved) {
    switch (state_) {
        case State::Preamble:
        case State::Data:
            return read_data(moved);
        case State::AfterDelimiter:
            return read_after_delimiter(moved);
        case State::Head:
            return read_head(moved);
        case State::DataStart:
            return read_data_start(moved);
        case State::Done:
            break;
    }
    begin_ = held_.size();
    return Ok{};
}

// Hands on everything up to the next delimiter, or up to where one could begin.
Status MultipartReader::read_data(bool& moved) {
    const std::size_t found = held_.find(delimiter_, begin_);
    const bool whole = found != std::string::npos;
    std::size_t end = found;
    if (!whole) {
        const std::size_t kept = std::min(delimiter_.size() - 1, held_.size() - begin_);
        end = held_.size() - kept;
    }
    if (state_ == State::Data && end > begin_) {
        if (Status done = sink_.add(std::string_view(held_).substr(begin_, end - begin_)); !done) {
            return done;
        }
    }
    begin_ = end;
    if (whole) {
        if (state_ == State::Data) {
            if (Status done = sink_.end_part(); !done) {
                return done;
            }
        }
        begin_ += delimiter_.size();
        state_ = State::AfterDelimiter;
        moved = true;
    }
    return Ok{};
}

Status MultipartReader::read_after_delimiter(bool& moved) {
    const std::string_view rest = std::string_view(held_).substr(begin_);
    if (rest.substr(0, 2) == "--") {
        state_ = State::Done;
        moved = true;
        return Ok{};
    }
    const std::size_t text = rest.find_first_not_of(" \t");
    if (std::min(text, rest.size()) > padding_bytes_max) {
        return malformed("a delimiter's line is too long");
    }
    if (text == std::string_view::npos || rest.size() < text + 2) {
        return Ok{};
    }
    if (rest.substr(text, 2) != "\r\n") {
        return malformed("a delimiter is followed by something else");
    }
    if (++parts_ > parts_max) {
        return Error{ErrorCode::LimitExceeded,
                     "the form has more than " + std::to_string(parts_max) + " parts"};
    }
    begin_ += text;  // The line end stays: a head without fields is empty right after it.
    state_ = State::Head;
    moved = true;
    return Ok{};
}

Status MultipartReader::read_head(bool& moved) {
    const std::size_t end = held_.find("\r\n\r\n", begin_);
    const std::size_t size = std::min(end, held_.size()) - begin_;
    if (size > part_head_bytes_max) {
        return Error{ErrorCode::LimitExceeded, "a part's head is longer than " +
                                                   std::to_string(part_head_bytes_max) + " bytes"};
    }
    if (end == std::string::npos) {
        return Ok{};
    }
    Result<PartHead> head = parse_part_head(std::string_view(held_).substr(begin_, size));
    if (!head) {
        return head.error();
    }
    if (Status done = sink_.begin_part(*std::move(head)); !done) {
        return done;
    }
    begin_ = end + 2;  // The line end stays: it may be that of a delimiter.
    state_ = State::DataStart;
    moved = true;
    return Ok{};
}

// A part without data may lack the line end that would come before it.
Status MultipartReader::read_data_start(bool& moved) {
    const std::string_view rest = std::string_view(held_).substr(begin_);
    const std::string_view delimiter = delimiter_;
    if (rest.size() < delimiter.size() && rest == delimiter.substr(0, rest.size())) {
        return Ok{};
    }
    begin_ += rest.starts_with(delimiter) ? 0U : 2U;
    state_ = State::Data;
    moved = true;
    return Ok{};
}

Status MultipartReader::finish() const {
    return state_ == State::Done ? Status(Ok{}) : Status(malformed("it stops before its end"));
}

}  // namespace winback::http
