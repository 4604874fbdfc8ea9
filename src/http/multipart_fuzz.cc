// Fuzzes the reading of forms with files: wherever the network cuts the bytes, the same parts come
// out or the same refusal, nothing passes its limit, and no file name leaves its folder.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "http/multipart.h"

namespace {

namespace http = winback::http;
using winback::Ok;
using winback::Status;

class Writer final : public http::PartSink {
public:
    Status begin_part(http::PartHead head) override {
        WINBACK_CHECK(!open_);
        open_ = true;
        WINBACK_CHECK(!head.name.empty() && winback::is_valid_utf8(head.name));
        WINBACK_CHECK(head.filename.size() <= http::filename_bytes_max);
        WINBACK_CHECK(head.filename.find_first_of("/\\\r\n") == std::string::npos);
        WINBACK_CHECK(head.filename.empty() || head.filename.front() != '.');
        WINBACK_CHECK(winback::is_valid_utf8(head.filename));
        text_ += "[" + head.name + "|" + head.filename + "|" + head.content_type + "]";
        return Ok{};
    }
    Status add(std::string_view bytes) override {
        WINBACK_CHECK(open_ && !bytes.empty());
        text_ += bytes;
        return Ok{};
    }
    Status end_part() override {
        WINBACK_CHECK(std::exchange(open_, false));
        text_ += "\n";
        return Ok{};
    }
    std::string text_;

private:
    bool open_ = false;
};

std::string outcome(std::string_view bytes, std::size_t step) {
    Writer writer;
    http::MultipartReader reader("b", writer);
    while (!bytes.empty()) {
        if (!reader.feed(bytes.substr(0, step))) {
            return "refused";
        }
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
    return reader.finish() ? writer.text_ : "refused";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = outcome(bytes, std::max<std::size_t>(size, 1));
    WINBACK_CHECK(whole == outcome(bytes, 1));
    WINBACK_CHECK(whole == outcome(bytes, 7));
    static_cast<void>(http::multipart_boundary(bytes));
    static_cast<void>(http::parse_disposition(bytes));
    const std::string name = http::safe_filename(bytes);
    WINBACK_CHECK(http::safe_filename(name) == name);
    return 0;
}
