#include "http/stream_writer.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/check.h"

namespace winback::http {
namespace {

// A producer that gives nothing again and again must not hold its thread.
constexpr int pieces_per_turn_max = 64;

}  // namespace

StreamWriter::StreamWriter(std::string& out, Response response, const Framing& framing)
    : stream_(std::move(response.stream)), chunked_(!framing.http_1_0) {
    WINBACK_CHECK(stream_ != nullptr);
    head_only_ = framing.head_only || response.status == 204 || response.status == 304;
    const std::size_t before = out.size();
    switch (append_stream_head(out, std::move(response), framing)) {
        case StreamHead::Unsafe:
            head_only_ = true;  // A whole answer that says so stands there instead.
            break;
        case StreamHead::Gzip:
            deflater_ = std::make_unique<Deflater>();
            break;
        case StreamHead::Plain:
            break;
    }
    written_ = out.size() - before;
}

StreamWriter::~StreamWriter() {
    stream_->detach();
}

void StreamWriter::attach(std::function<void()> wake) {
    if (!head_only_) {
        stream_->attach(std::move(wake));
    }
}

void StreamWriter::append_chunk(std::string& out, std::string_view bytes) {
    if (bytes.empty()) {
        return;  // An empty chunk would end the body.
    }
    if (!chunked_) {
        out += bytes;
        return;
    }
    std::array<char, 20> size{};
    const auto [end, fault] =
        std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16);
    WINBACK_CHECK(fault == std::errc());
    out.append(size.data(), end);
    out += "\r\n";
    out += bytes;
    out += "\r\n";
}

StreamWriter::State StreamWriter::write(std::string& out, std::size_t bytes_max) {
    if (head_only_) {
        return State::Ended;
    }
    const std::size_t before = out.size();
    State state = State::More;
    std::string piece;
    for (int i = 0; i < pieces_per_turn_max && state == State::More && out.size() < bytes_max;
         ++i) {
        piece.clear();
        state = stream_->take(piece);
        if (deflater_) {
            piece = deflater_->add(piece);
        }
        append_chunk(out, piece);
    }
    written_ += out.size() - before;
    if (state == State::Ended) {
        finish(out);
    }
    return state;
}

void StreamWriter::finish(std::string& out) {
    if (head_only_) {
        return;
    }
    const std::size_t before = out.size();
    if (deflater_) {
        append_chunk(out, deflater_->finish());
    }
    if (chunked_) {
        out += "0\r\n\r\n";
    }
    head_only_ = true;
    written_ += out.size() - before;
}

void StreamWriter::beat(std::string& out) {
    if (!head_only_) {
        const std::size_t before = out.size();
        append_chunk(out, stream_->heartbeat());
        written_ += out.size() - before;
    }
}

}  // namespace winback::http
