#include "ui/save_note.h"

namespace winback::ui {

std::string saved_query(const api::TemplateDesk& templates, const api::PlaybookSaved& saved) {
    const bool alone = templates.options().playbook_folder.empty() || !saved.folder_problem.empty();
    return "saved=" + std::to_string(saved.version) + (alone ? "&alone=1" : "");
}

Note note_of_address(const http::Request& request) {
    Note note;
    const std::string* version = request.query_value("saved");
    if (version != nullptr && !version->empty() &&
        version->find_first_not_of("0123456789") == std::string::npos) {
        note.kind = "saved";
        note.details.set("version", *version);
        note.details.set("alone", request.query_value("alone") != nullptr);
    }
    return note;
}

Note note_of_refusal(const api::PlaybookSaved& saved) {
    using Kind = api::PlaybookSaved::Kind;
    Note note{.status = 409, .kind = "conflict", .details = {}};
    note.details.set("version", static_cast<std::int64_t>(saved.version));
    note.details.set("file", saved.file);
    if (saved.kind == Kind::Mistakes) {
        note.status = 400;
        note.kind = "mistakes";
        note.details.set("diagnostics", api::template_diagnostics_value(saved.diagnostics,
                                                                        saved.files, saved.file));
    } else if (saved.kind == Kind::FolderChanged) {
        note.kind = "folder_changed";
    }
    return note;
}

}  // namespace winback::ui
