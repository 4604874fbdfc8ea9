// What a form that writes into the playbook led to, said at the top of its editor.
#pragma once

#include <string>

#include "api/playbook_writer.h"
#include "api/templates.h"
#include "base/value.h"
#include "http/request.h"

namespace winback::ui {

struct Note {
    int status = 200;
    std::string kind;  // "saved", "conflict", …; the words stand in the page.
    ValueMap details;
};

// "saved=3&alone=1": for the address behind a save. Alone: it stands in the data folder only.
std::string saved_query(const api::TemplateDesk& templates, const api::PlaybookSaved& saved);
// Of a page whose address says so; else it is empty.
Note note_of_address(const http::Request& request);
// Why it was not saved. Pre: mistakes, a conflict or a changed folder.
Note note_of_refusal(const api::PlaybookSaved& saved);

}  // namespace winback::ui
