// Reads multipart/form-data (RFC 7578), what a browser's form with a file in it sends, while it
// arrives: nothing but one part's head and a delimiter's length is ever held.
//
// Strict where two readers could disagree: a part without a name, an unquoted boundary with other
// characters than RFC 2046 allows, text that is not UTF-8 or a body that stops before its last
// delimiter is refused. Nested multiparts and Content-Transfer-Encoding, which browsers never send
// (RFC 7578 §4.7, §4.3), are refused too.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::http {

constexpr std::size_t part_head_bytes_max = 4096;
constexpr std::size_t parts_max = 64;
constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046 §5.1.1.
constexpr std::size_t filename_bytes_max = 120;

struct PartHead {
    std::string name;
    bool is_file = false;
    std::string filename;      // Of a file: safe_filename of what was said; may be empty.
    std::string content_type;  // As sent; empty when the part says none.
};

// The boundary of a Content-Type field. Nothing when it is not multipart/form-data. Fails with
// InvalidArgument when it is, without a usable boundary.
Result<std::optional<std::string>> multipart_boundary(std::string_view content_type);

// What may stand after "Content-Disposition:". Fails with InvalidArgument.
Result<PartHead> parse_disposition(std::string_view value);

// The last segment of a path of any system, without control characters, marks that are special in
// file systems, leading dots and what is not UTF-8; at most filename_bytes_max, whole characters.
// Empty when nothing is left.
std::string safe_filename(std::string_view name);

class PartSink {
public:
    PartSink() = default;
    virtual ~PartSink() = default;
    PartSink(const PartSink&) = delete;
    PartSink& operator=(const PartSink&) = delete;

    virtual Status begin_part(PartHead head) = 0;
    virtual Status add(std::string_view bytes) = 0;
    virtual Status end_part() = 0;
};

class MultipartReader {
public:
    // Pre: `boundary` comes from multipart_boundary. The sink outlives the reader.
    MultipartReader(std::string_view boundary, PartSink& sink);

    // Fails with InvalidArgument, LimitExceeded, or as the sink does; call nothing afterwards.
    Status feed(std::string_view bytes);
    // Fails with InvalidArgument when the body is not complete.
    Status finish() const;

private:
    enum class State { Preamble, AfterDelimiter, Head, DataStart, Data, Done };

    Status step(bool& moved);
    Status read_data(bool& moved);
    Status read_after_delimiter(bool& moved);
    Status read_head(bool& moved);
    Status read_data_start(bool& moved);

    const std::string delimiter_;  // CRLF, two dashes, the boundary.
    PartSink& sink_;
    std::string held_;
    std::size_t begin_ = 0;  // Of what is not consumed yet in held_.
    State state_ = State::Preamble;
    std::size_t parts_ = 0;
};

}  // namespace winback::http
