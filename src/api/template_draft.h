// A text of a template that somebody is writing, and what the playbook would be with it.
//
// One file holds one language of one template. Channel, topic and `transactional` belong to all
// languages together, so a draft that changes them as fields changes every file of the template.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/template_text.h"
#include "base/result.h"
#include "playbook/playbook.h"

namespace winback::api {

constexpr std::size_t template_bytes_max = playbook::file_bytes_max;

struct TemplateDraft {
    std::string id;
    std::string language;
    // The whole file; or else fields and body; or neither: the file as it is.
    std::optional<std::string> source;
    TemplateFields fields;
    std::optional<std::string> body;

    bool as_it_is() const { return !source && !body; }
};

struct TemplateFileName {
    std::string id;
    std::string language;  // As the file's name has it.
};
// "templates/hello.en.liquid"; nothing for other paths.
std::optional<TemplateFileName> template_file_name(std::string_view path);

bool same_language(std::string_view a, std::string_view b);

// The path of a language's file, whatever the case of its name; empty when there is none.
std::string template_path(const playbook::Files& files,
                          std::string_view id,
                          std::string_view language);

// The files that the draft changes or adds, with their new texts; empty when none.
struct DraftFiles {
    std::string path;  // The draft's own file.
    std::string text;
    playbook::Files changed;
};
// Fails with InvalidArgument (an id or language that names no file), NotFound (no such file, and
// the draft brings none) and LimitExceeded (template_bytes_max).
Result<DraftFiles> draft_files(const playbook::Files& files, const TemplateDraft& draft);

// What one template needs to be compiled: the playbook without segments, journeys and other
// templates. Loading it costs a fraction of the whole.
playbook::Files files_for_template(const playbook::Files& files, std::string_view id);

}  // namespace winback::api
