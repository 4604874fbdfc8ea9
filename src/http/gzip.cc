#include "http/gzip.h"

#include <algorithm>
#include <array>
#include <limits>

#include <zlib.h>

#include "base/check.h"

namespace winback::http {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // zlib: 16 more means gzip's header and trailer.
// Level 6 costs twice the time for about 3 % less on JSON; pages are made while a reader waits.
constexpr int compression_level = 4;
constexpr int memory_level = 8;

// zlib's interface wants bytes that it promises not to change.
Bytef* bytes_of(std::string_view text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

class Inflater {
public:
    Inflater() { WINBACK_CHECK(inflateInit2(&stream_, gzip_window_bits) == Z_OK); }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream& stream() { return stream_; }

private:
    z_stream stream_{};
};

}  // namespace

Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max) {
    const Error broken{ErrorCode::InvalidArgument, "the body is not gzip, or is cut off"};
    if (compressed.size() > std::numeric_limits<uInt>::max()) {
        return Error{ErrorCode::LimitExceeded, "the compressed body is too large"};
    }
    Inflater inflater;
    z_stream& stream = inflater.stream();
    stream.next_in = bytes_of(compressed);
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::string out;
    std::array<char, 16384> chunk;
    for (;;) {
        stream.next_out = bytes_of({chunk.data(), chunk.size()});
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) {
            return broken;
        }
        const std::size_t count = chunk.size() - stream.avail_out;
        if (count > bytes_max - out.size()) {
            return Error{ErrorCode::LimitExceeded,
                         "the body inflates to more than " + std::to_string(bytes_max) + " bytes"};
        }
        out.append(chunk.data(), count);
        if (status == Z_STREAM_END && stream.avail_in == 0) {
            return out;
        }
        if (status == Z_STREAM_END) {
            inflateReset(&stream);
        } else if (stream.avail_in == 0 && count == 0) {
            return broken;
        }
    }
}

std::string gzip(std::string_view bytes) {
    WINBACK_CHECK(bytes.size() < std::numeric_limits<uInt>::max() / 2);
    z_stream stream{};
    const int opened = deflateInit2(&stream, compression_level, Z_DEFLATED, gzip_window_bits,
                                    memory_level, Z_DEFAULT_STRATEGY);
    WINBACK_CHECK(opened == Z_OK);
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = bytes_of(out);
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    WINBACK_CHECK(status == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

struct Deflater::Impl {
    z_stream stream{};
};

Deflater::Deflater() : impl_(std::make_unique<Impl>()) {
    const int opened = deflateInit2(&impl_->stream, compression_level, Z_DEFLATED, gzip_window_bits,
                                    memory_level, Z_DEFAULT_STRATEGY);
    WINBACK_CHECK(opened == Z_OK);
}

Deflater::~Deflater() {
    deflateEnd(&impl_->stream);
}

std::string Deflater::run(std::string_view bytes, int flush) {
    WINBACK_CHECK(bytes.size() < std::numeric_limits<uInt>::max());
    z_stream& stream = impl_->stream;
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    std::array<char, 16384> chunk;
    do {
        stream.next_out = bytes_of({chunk.data(), chunk.size()});
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int status = deflate(&stream, flush);
        WINBACK_CHECK(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR);
        out.append(chunk.data(), chunk.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    return out;
}

std::string Deflater::add(std::string_view bytes) {
    return run(bytes, Z_NO_FLUSH);
}

std::string Deflater::finish() {
    return run({}, Z_FINISH);
}

}  // namespace winback::http
