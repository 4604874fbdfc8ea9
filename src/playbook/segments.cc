#include <algorithm>

#include "playbook/parts.h"

namespace winback::playbook {
namespace {

using Mark = std::uint8_t;
constexpr Mark unseen = 0;
constexpr Mark open = 1;  // On the way that is being followed.
constexpr Mark done = 2;

// Puts segments after those that they refer to, by depth-first search.
class Ordering {
public:
    Ordering(std::vector<SegmentFile>& files,
             std::vector<segment::Segment>& segments,
             const expr::Symbols& symbols)
        : files_(files), segments_(segments), symbols_(symbols), marks_(segments.size(), unseen) {}

    std::vector<segment::Segment> take() {
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            visit(i);
        }
        std::vector<segment::Segment> ordered;
        for (const std::size_t i : order_) {
            ordered.push_back(std::move(segments_[i]));
        }
        return ordered;
    }

private:
    void visit(std::size_t i) {  // NOLINT(misc-no-recursion): at most segments_max deep
        if (marks_[i] == done) {
            return;
        }
        if (marks_[i] == open) {
            report_cycle(i);
            return;
        }
        marks_[i] = open;
        way_.push_back(i);
        for (const expr::SegmentId id : segments_[i].condition.segments) {
            const auto found = std::find_if(
                segments_.begin(), segments_.end(),
                [&](const segment::Segment& s) { return s.id == symbols_.segments[id]; });
            if (found != segments_.end()) {
                visit(static_cast<std::size_t>(found - segments_.begin()));
            }
        }
        way_.pop_back();
        marks_[i] = done;
        order_.push_back(i);
    }

    void report_cycle(std::size_t i) {
        std::string names;
        for (auto it = std::find(way_.begin(), way_.end(), i); it != way_.end(); ++it) {
            names += segments_[*it].id + " -> ";
        }
        names += segments_[i].id;
        const auto file = std::find_if(files_.begin(), files_.end(), [&](const SegmentFile& f) {
            return f.id == segments_[i].id;
        });
        const YamlNode* condition = file->root.find("condition");
        file->reader.report(condition == nullptr ? file->root : *condition, "segment_cycle",
                            "segments may not refer to each other in a circle: " + names);
    }

    std::vector<SegmentFile>& files_;
    std::vector<segment::Segment>& segments_;
    const expr::Symbols& symbols_;
    std::vector<Mark> marks_;
    std::vector<std::size_t> way_;
    std::vector<std::size_t> order_;
};

bool do_newcomers_enter(Reader& reader, const YamlNode& root) {
    const std::string newcomers = reader.text(root, "newcomers", "stay");
    const YamlNode* node = root.find("newcomers");
    if (node != nullptr && newcomers != "enter" && newcomers != "stay") {
        reader.report(*node, "bad_newcomers",
                      "'newcomers' is enter or stay: whether those for whom a changed condition "
                      "newly holds enter the journeys of the segment");
    }
    return newcomers == "enter";
}

}  // namespace

void read_segments(std::vector<SegmentFile>& files,
                   const expr::Schema& schema,
                   engine::Definitions& definitions) {
    std::vector<segment::Segment> segments;
    for (SegmentFile& file : files) {
        Reader& reader = file.reader;
        if (!reader.is_map(file.root, "a segment",
                           {"name", "description", "condition", "newcomers"})) {
            continue;
        }
        segment::Segment segment;
        segment.id = file.id;
        const std::string& language = definitions.workspace.language;
        segment.name = reader.required_words(file.root, "name", "a segment", language);
        segment.description = reader.words(file.root, "description", language);
        segment.names = Reader::all_words(file.root, "name");
        segment.descriptions = Reader::all_words(file.root, "description");
        segment.newcomers_enter = do_newcomers_enter(reader, file.root);
        const YamlNode* node = reader.required(file.root, "condition", "a segment");
        if (node == nullptr) {
            continue;
        }
        if (auto condition = reader.condition(*node, schema, definitions.symbols)) {
            segment.condition = *std::move(condition);
            segments.push_back(std::move(segment));
        }
    }
    definitions.segments = Ordering(files, segments, definitions.symbols).take();
}

}  // namespace winback::playbook
