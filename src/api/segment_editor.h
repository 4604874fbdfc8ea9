// Saving and deleting segments: segments/ID.yaml, changed where something changed, as a new version
// of the playbook.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/playbook_writer.h"
#include "api/templates.h"
#include "base/result.h"
#include "host/keys.h"

namespace winback::api {

// What is not said stays as it is.
struct SegmentDraft {
    std::string id;
    std::optional<std::string> name;         // In the language of the workspace.
    std::optional<std::string> description;  // Likewise; empty: none.
    std::optional<std::string> condition;    // Comments included.
    std::optional<bool> newcomers_enter;
};

// The file with the draft in it; `present` is empty when there is none. Texts in other languages,
// comments and layout stay. Fails with InvalidArgument when something is missing or written in a
// way that cannot be changed.
Result<std::string> segment_file(std::string_view present,
                                 const SegmentDraft& draft,
                                 std::string_view language);

// Whether a page or a route has the name behind /segments/, so that no segment may.
bool is_reserved_segment_id(std::string_view id);

// `who` is written down. Fails as segment_file and PlaybookWriter::save.
Result<PlaybookSaved> save_segment(TemplateDesk& templates,
                                   const SegmentDraft& draft,
                                   std::uint64_t base_version,
                                   const host::Key& who);

// A new one, under the draft's id or, when that is empty, under one made of its name (new_id.h).
// Fails with Conflict when there is a segment of the draft's id, else as save_segment.
struct MadeSegment {
    std::string id;
    PlaybookSaved saved;
};
Result<MadeSegment> make_segment(TemplateDesk& templates,
                                 const SegmentDraft& draft,
                                 const host::Key& who);

// Conflict (kind) when it was changed since `base_version`. Fails with NotFound, with Conflict
// while a journey or another segment asks for it (the message says which), and as
// PlaybookWriter::replace.
Result<PlaybookSaved> delete_segment(TemplateDesk& templates,
                                     std::string_view id,
                                     std::uint64_t base_version,
                                     const host::Key& who);

}  // namespace winback::api
