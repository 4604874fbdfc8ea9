// The template pages' parts that more than one file needs. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "api/templates.h"
#include "http/request.h"
#include "ui/pages.h"
#include "ui/routes.h"
#include "ui/tree.h"

namespace winback::ui {

// The list, filtered by the query: `q` (id, subject, text, journey), `channel`, `lacks`.
ValueMap template_list_data(api::TemplateDesk& templates, const http::Request& request);

// An id of the playbook as people read it: "lapsing_hello" is "Lapsing hello".
std::string spoken_id(std::string_view id);

// What the editor shows: a saved text or a draft, its reader, and how it is looked at.
struct EditorState {
    api::TemplateDraft draft;
    api::PreviewReader reader;
    std::uint64_t version = 0;     // That the text was taken from; 0: the one of now.
    std::string width = "phone";   // "phone", "desktop"
    std::string scheme = "light";  // "light", "dark"
    std::string pictures = "none"; // Of other hosts: "none", "shown"
    std::string part = "html";     // "html", "text", "source", "subject"
    std::string recipients;        // Of a test, as typed.
};
EditorState editor_state(const http::Request& request, const http::Pairs& values);

// Fails with NotFound, and as TemplateDesk::preview does for a reader that does not exist: then
// the page says so beside the reader's field and shows the sample.
Result<ValueMap> template_editor_data(api::TemplateDesk& templates,
                                      const http::Request& request,
                                      const EditorState& state);

// A message as it looks in a light or a dark mail program, whatever the reader's own is.
std::string in_scheme(std::string_view html, bool dark);

// The address of the editor in this state, without the draft.
std::string editor_path(const EditorState& state);

}  // namespace winback::ui
