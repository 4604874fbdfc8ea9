#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "engine/schema.h"
#include "playbook/parts.h"

namespace winback::playbook {
namespace {

// "segments/lapsing.yaml" -> "lapsing" for the folder "segments/"; empty for other paths.
std::string_view id_of(std::string_view path, std::string_view folder) {
    constexpr std::string_view extension = ".yaml";
    if (!path.starts_with(folder) || !path.ends_with(extension)) {
        return {};
    }
    path.remove_prefix(folder.size());
    path.remove_suffix(extension.size());
    return path;
}

struct YamlFile {
    std::string id;
    Reader reader;
    YamlNode root;
    bool readable = false;
};

YamlFile open_file(const std::string& path,
                   std::string_view id,
                   const Files& files,
                   Diagnostics& diagnostics) {
    const std::string& content = files.at(path);
    YamlFile file{std::string(id), Reader(path, content, diagnostics), {}, false};
    const std::size_t before = diagnostics.size();
    file.root = yaml::read_yaml(content, path, diagnostics);
    file.readable = diagnostics.size() == before;
    if (!is_valid_id(id)) {
        file.reader.report({}, "bad_file_name",
                           "the file's name is the id: lower-case letters, digits, _ and -");
    }
    return file;
}

std::vector<YamlFile> open_folder(std::string_view folder,
                                  const Files& files,
                                  Diagnostics& diagnostics) {
    std::vector<YamlFile> opened;
    for (const auto& [path, content] : files) {
        if (const std::string_view id = id_of(path, folder); !id.empty()) {
            YamlFile file = open_file(path, id, files, diagnostics);
            if (file.readable) {
                opened.push_back(std::move(file));
            }
        }
    }
    return opened;
}

// A file that must be there once.
template <class Read>
void read_single(const std::string& path,
                 std::string_view id,
                 const Files& files,
                 Diagnostics& diagnostics,
                 const Read& read) {
    if (files.find(path) == files.end()) {
        diagnostics.push_back({.code = "missing_file",
                               .file = path,
                               .message = "the playbook needs this file; see the shipped one"});
        return;
    }
    YamlFile file = open_file(path, id, files, diagnostics);
    if (file.readable) {
        read(file.reader, file.root);
    }
}

expr::Schema schema_of(const Files& files) {
    expr::Schema schema = engine::base_schema();
    for (const auto& [path, content] : files) {
        if (const std::string_view id = id_of(path, "segments/"); !id.empty()) {
            schema.segments.emplace_back(id);
        }
    }
    return schema;
}

void read_all_segments(const Files& files,
                       const expr::Schema& schema,
                       engine::Definitions& definitions,
                       Diagnostics& diagnostics) {
    std::vector<SegmentFile> segment_files;
    for (YamlFile& file : open_folder("segments/", files, diagnostics)) {
        segment_files.push_back({file.id, std::move(file.reader), std::move(file.root)});
    }
    if (segment_files.size() > segments_max) {
        diagnostics.push_back({.code = "too_many_segments",
                               .file = "segments/",
                               .message = "a playbook has at most 500 segments"});
    }
    read_segments(segment_files, schema, definitions);
}

void read_all_journeys(const Files& files,
                       const expr::Schema& schema,
                       engine::Definitions& definitions,
                       Diagnostics& diagnostics) {
    for (YamlFile& file : open_folder("journeys/", files, diagnostics)) {
        journey::Journey journey;
        journey.id = file.id;
        read_journey(file.reader, file.root, schema, definitions, journey);
        definitions.journeys.push_back(std::move(journey));
    }
    if (definitions.journeys.size() > journeys_max) {
        diagnostics.push_back({.code = "too_many_journeys",
                               .file = "journeys/",
                               .message = "a playbook has at most 200 journeys"});
    }
}

std::uint64_t hash_of(const Files& files) {
    std::string all;
    for (const auto& [path, content] : files) {
        all += path + '\0' + std::to_string(content.size()) + '\0' + content;
    }
    return hash64(all);
}

}  // namespace

LoadedPlaybook load(const Files& files) {
    LoadedPlaybook loaded;
    Diagnostics& diagnostics = loaded.diagnostics;
    engine::Definitions definitions;
    definitions.hash = hash_of(files);
    const expr::Schema schema = schema_of(files);
    read_single("workspace.yaml", "workspace", files, diagnostics,
                [&](Reader& reader, const YamlNode& root) {
                    read_workspace(reader, root, definitions.workspace);
                });
    read_single("policies.yaml", "policies", files, diagnostics,
                [&](Reader& reader, const YamlNode& root) {
                    read_policies(reader, root, definitions.policies);
                });
    for (YamlFile& file : open_folder("offers/", files, diagnostics)) {
        engine::Offer offer;
        offer.id = file.id;
        read_offer(file.reader, file.root, definitions.workspace.language, offer);
        definitions.offers.emplace(file.id, std::move(offer));
    }
    for (YamlFile& file : open_folder("samples/", files, diagnostics)) {
        engine::Sample sample;
        sample.id = file.id;
        read_sample(file.reader, file.root, sample);
        definitions.samples.push_back(std::move(sample));
    }
    if (definitions.samples.size() > samples_max) {
        diagnostics.push_back({.code = "too_many_samples",
                               .file = "samples/",
                               .message = "a playbook has at most 50 samples"});
    }
    read_templates(files, definitions, diagnostics);
    read_all_segments(files, schema, definitions, diagnostics);
    read_all_journeys(files, schema, definitions, diagnostics);
    definitions.fields.sets = definitions.symbols.event_sets;
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& a, const Diagnostic& b) {
                         return std::tie(a.file, a.position) < std::tie(b.file, b.position);
                     });
    if (!has_errors(diagnostics)) {
        loaded.definitions = std::move(definitions);
    }
    return loaded;
}

std::string render(const Diagnostics& diagnostics, const Files& files) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
        const auto file = files.find(diagnostic.file);
        out += winback::render(diagnostic, file == files.end() ? "" : file->second);
    }
    return out;
}

}  // namespace winback::playbook
