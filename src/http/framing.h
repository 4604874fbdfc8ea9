// Writes a response as HTTP/1.1 bytes.
#pragma once

#include <string>
#include <string_view>

#include "http/response.h"

namespace winback::http {

// Smaller bodies are not worth compressing.
constexpr std::size_t gzip_bytes_min = 1024;

// What the bytes depend on besides the response itself.
struct Framing {
    bool head_only = false;     // The answer to HEAD.
    bool keep_alive = true;     // Else "Connection: close".
    bool http_1_0 = false;      // Then keeping alive must be said.
    bool accepts_gzip = false;  // The client's Accept-Encoding.
    std::string_view date;      // For the Date field: format_http_date.
};

// Appends head and body to `out`. A response whose fields could break the framing (a control
// character in a name or value) is replaced by 500.
void append_response(std::string& out, Response response, const Framing& framing);

// The head of an answer whose body is streamed: in chunks, or for HTTP/1.0 up to the end of the
// connection. Says whether its body is to be gzipped. Unsafe: a whole 500 stands there instead.
enum class StreamHead { Plain, Gzip, Unsafe };
StreamHead append_stream_head(std::string& out, Response response, const Framing& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7) of seconds since 1970.
std::string format_http_date(long long unix_seconds);

// Whether an Accept-Encoding field allows gzip: named or "*", and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace winback::http
