#include "api/preview_lines.h"

#include <string_view>
#include <utility>

#include "api/still_may.h"
#include "api/tree.h"
#include "http/stream.h"

namespace winback::api {
namespace {

constexpr std::string_view lines_type = "application/x-ndjson";
// Between two lines. Most counts end before the first.
constexpr std::chrono::milliseconds line_time{150};

http::Piece line(ValueMap map, bool last) {
    return {.bytes = to_json(std::move(map)) + "\n", .last = last};
}

}  // namespace

bool accepts_lines(const http::Request& request) {
    const std::string* accept = request.header("accept");
    return accept != nullptr && accept->find(lines_type) != std::string::npos;
}

http::Response superseded() {
    return http::error(409, "superseded",
                       "a later preview of the same editor took the place of this one");
}

http::Response preview_lines(const std::shared_ptr<Desk>& desk,
                             const http::Request& request,
                             std::shared_ptr<SegmentPreview> preview,
                             std::shared_ptr<const PreviewTurns::Turn> turn) {
    http::Response head;
    head.set("Content-Type", std::string(lines_type));
    head.set("X-Content-Type-Options", "nosniff");
    head.set("Cache-Control", "no-store");
    const auto next = [preview = std::move(preview), turn = std::move(turn),
                       may = still_may(*desk, request, "personal")](Desk&) -> http::Piece {
        if (!may()) {
            return {.bytes = {}, .last = true, .failed = true};
        }
        switch (preview->count_for(line_time, turn->stopping())) {
            case Walk::End::Whole:
                return line(preview->answer(), true);
            case Walk::End::Stopped:
                return {.bytes = superseded().body + "\n", .last = true};
            case Walk::End::Paused:
                break;
        }
        ValueMap map;
        map.set("counting", preview->progress());
        return line(std::move(map), false);
    };
    return Desk::stream(desk, desk->part<PreviewTurns>().room(), std::move(head), next);
}

}  // namespace winback::api
