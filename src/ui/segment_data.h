// The segment editor's parts that more than one file needs. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "http/request.h"
#include "ui/routes.h"

namespace winback::ui {

// What somebody writes: a segment that there is, or a new one.
struct SegmentState {
    std::string id;  // Of a new one as typed; may be empty.
    bool is_new = false;
    std::optional<std::string> name;  // Nothing: as it is saved.
    std::optional<std::string> description;
    std::optional<std::string> condition;
    std::optional<bool> newcomers_enter;
    std::uint64_t version = 0;  // That it was taken from; 0: the one of now.
};
SegmentState segment_state(const http::Request& request, const http::Pairs& values);

// Everything that segment_editor.liquid reads. Blocks: counts the base. Fails with NotFound.
Result<ValueMap> segment_editor_data(api::Desk& desk,
                                     const http::Request& request,
                                     const SegmentState& state);

// What the base has seen and the language has, for choosing and completing: events, properties,
// traits, segments, campaigns, lists, scores, channels, functions, methods (of values), steps (of
// events), each a list of {name, label, type}, at most names_max long. `own` is left out: no
// segment asks for itself.
constexpr std::size_t names_max = 500;
ValueMap names_data(api::Desk& desk, std::string_view own, std::string_view language);

// GET and POST /segments/:id/delete: a page that asks first, and the deed.
void add_segment_delete_routes(http::Router& router,
                               const DeskPtr& desk,
                               const PagesPtr& pages,
                               const TemplateDeskPtr& templates);

}  // namespace winback::ui
