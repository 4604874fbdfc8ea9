// One streamed answer on its way: its head, then its body in chunks (HTTP/1.1) or up to the end of
// the connection (HTTP/1.0), gzipped or not. Internal to connection.cc.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "http/framing.h"
#include "http/gzip.h"
#include "http/stream.h"

namespace winback::http {

class StreamWriter {
public:
    using State = BodyStream::State;

    // Appends the head to `out`. Pre: response.stream is set.
    StreamWriter(std::string& out, Response response, const Framing& framing);
    ~StreamWriter();
    StreamWriter(const StreamWriter&) = delete;
    StreamWriter& operator=(const StreamWriter&) = delete;

    void attach(std::function<void()> wake);
    // Appends pieces until `out` holds `bytes_max`, nothing is ready, or the body has ended; then
    // its end mark has been appended too.
    State write(std::string& out, std::size_t bytes_max);
    // Ends the body here, as if it were complete.
    void finish(std::string& out);
    void beat(std::string& out);
    bool endless() const { return !stream_->heartbeat().empty(); }
    // How much has been appended since the head began.
    std::size_t written() const { return written_; }

private:
    void append_chunk(std::string& out, std::string_view bytes);

    BodyStreamPtr stream_;
    std::unique_ptr<Deflater> deflater_;
    bool chunked_ = true;
    bool head_only_ = false;  // HEAD, and statuses without a body.
    std::size_t written_ = 0;
};

}  // namespace winback::http
