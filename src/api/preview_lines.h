// A preview as it is counted: an answer of lines, each a JSON object (application/x-ndjson), for
// whoever asks for it with Accept.
//
// {"counting": {looked_at, all, of, customers}} several times a second, and at last the preview
// itself, or {code, message} when another one took its place. A client that leaves ends the pass.
#pragma once

#include <memory>

#include "api/desk.h"
#include "api/preview_turns.h"
#include "api/segment_preview.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

bool accepts_lines(const http::Request& request);

// Pre: preview->counts().
http::Response preview_lines(const std::shared_ptr<Desk>& desk,
                             const http::Request& request,
                             std::shared_ptr<SegmentPreview> preview,
                             std::shared_ptr<const PreviewTurns::Turn> turn);

// What a preview answers whose place another one took.
http::Response superseded();

}  // namespace winback::api
