// The parts of a playbook, one function per kind of file. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "engine/definitions.h"
#include "playbook/playbook.h"
#include "playbook/reader.h"

namespace winback::playbook {

// settings.cc
void read_workspace(Reader& reader, const YamlNode& root, engine::Workspace& workspace);
void read_policies(Reader& reader, const YamlNode& root, policy::Policies& policies);
void read_offer(Reader& reader,
                const YamlNode& root,
                std::string_view language,
                engine::Offer& offer);

// segments.cc: compiles all segments, orders them so that each stands after those it refers to,
// and reports cycles with the segments that form them.
struct SegmentFile {
    std::string id;
    Reader reader;
    YamlNode root;
};
void read_segments(std::vector<SegmentFile>& files,
                   const expr::Schema& schema,
                   engine::Definitions& definitions);

// journeys.cc
void read_journey(Reader& reader,
                  const YamlNode& root,
                  const expr::Schema& schema,
                  engine::Definitions& definitions,
                  journey::Journey& journey);

// samples.cc
void read_sample(Reader& reader, const YamlNode& root, engine::Sample& sample);
// "complete", "empty", "hostile"; the names of the first are at home in `language`.
std::vector<engine::Sample> built_in_samples(std::string_view language);
// The value that every text of the hostile sample has, and the name that no tag or attribute of
// a message may have because of it.
extern const std::string hostile_text;
constexpr std::string_view hostile_name = "winback-probe";
constexpr std::string_view hostile_id = "hostile";

// templates.cc: all variants of all templates.
void read_templates(const Files& files, engine::Definitions& definitions, Diagnostics& diagnostics);

}  // namespace winback::playbook
