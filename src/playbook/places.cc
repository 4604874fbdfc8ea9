// From a tag of a rendered message back to the tag that its writer wrote.
#include <algorithm>

#include "base/strings.h"
#include "message/html_scan.h"
#include "message/links.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

using message::HtmlPiece;
using message::HtmlScanner;

constexpr int impossible = -100;

bool is_dynamic(std::string_view text) {
    return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos;
}

// White space runs as one space.
std::string squeezed(std::string_view text) {
    std::string out;
    for (const char c : trim(text)) {
        const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!space) {
            out += c;
        } else if (!out.ends_with(' ')) {
            out += ' ';
        }
    }
    return out;
}

const message::Attribute* find_attribute(const HtmlPiece& piece, std::string_view name) {
    const auto found = std::find_if(
        piece.attributes.begin(), piece.attributes.end(),
        [&](const message::Attribute& a) { return equals_ignoring_case(a.name, name); });
    return found == piece.attributes.end() ? nullptr : &*found;
}

// How well a written target explains the one of the message, which is empty or '#' where what
// was written has been taken out.
int score_of_target(std::string_view written, std::string_view target, bool written_is_kept) {
    if (is_dynamic(written)) {
        return 1;
    }
    if (written == target) {
        return 3;
    }
    const bool taken_out = target.empty() || target == "#";
    return taken_out && !written_is_kept ? 3 : impossible;
}

int score_of_text(std::string_view written, std::string_view text) {
    if (squeezed(written) == squeezed(text)) {
        return 4;
    }
    return is_dynamic(written) ? 1 : 0;
}

}  // namespace

SourceTags::SourceTags(const message::TemplateVariant& variant)
    : variant_(variant), reached_(reached_by(variant)) {
    // The other parts of a variant hold no HTML.
    std::erase_if(reached_,
                  [&](const Reached& r) { return r.part != nullptr && r.part != &variant_.html; });
    for (std::size_t i = 0; i < reached_.size(); ++i) {
        read(i);
    }
}

void SourceTags::read(std::size_t reached) {
    const std::string_view source = liquid::source_of(*reached_[reached].program);
    HtmlScanner scanner(source);
    HtmlPiece piece;
    bool in_link = false;
    while (scanner.next(piece)) {
        const auto at = static_cast<std::size_t>(piece.source.data() - source.data());
        if (piece.kind == HtmlPiece::Kind::Open && piece.name == "a") {
            in_link = find_attribute(piece, "href") != nullptr;
            if (in_link) {
                Tag tag;
                tag.reached = reached;
                tag.at = at;
                tag.target = piece.attribute("href");
                tag.text_at = scanner.position();
                links_.push_back(std::move(tag));
            }
        } else if (piece.kind == HtmlPiece::Kind::Open && piece.name == "img") {
            Tag tag;
            tag.reached = reached;
            tag.at = at;
            tag.target = piece.attribute("src");
            tag.has_text = find_attribute(piece, "alt") != nullptr;
            tag.text = piece.attribute("alt");
            if (in_link) {
                links_.back().text += tag.text;
            }
            images_.push_back(std::move(tag));
        } else if (piece.kind == HtmlPiece::Kind::Close && piece.name == "a") {
            in_link = false;
        } else if (piece.kind == HtmlPiece::Kind::Text && in_link) {
            links_.back().text += message::decode_entities(piece.source);
            links_.back().text_end = scanner.position();
        }
    }
}

Diagnostic SourceTags::choose(std::vector<Tag>& tags,
                              std::string_view needle,
                              const std::function<int(const Tag&)>& score) {
    Tag* best = nullptr;
    int best_score = 0;
    for (Tag& tag : tags) {
        const int own = score(tag) * 2 - (tag.used ? 1 : 0);
        if (own > best_score) {
            best = &tag;
            best_score = own;
        }
    }
    if (best == nullptr) {
        return diagnostic_at(variant_, variant_.html, "");
    }
    best->used = true;
    const Reached& where = reached_[best->reached];
    const std::size_t text = needle.empty()
                                 ? std::string_view::npos
                                 : liquid::source_of(*where.program).find(needle, best->text_at);
    const bool shows_text = text != std::string_view::npos && text < best->text_end;
    return shows_text ? diagnostic_in(variant_, where, text, needle.size())
                      : diagnostic_in(variant_, where, best->at, 2);
}

Diagnostic SourceTags::link(std::string_view target, std::string_view text) {
    return choose(links_, text, [&](const Tag& tag) {
        return score_of_target(tag.target, target, message::is_safe_link(tag.target)) +
               score_of_text(tag.text, text);
    });
}

Diagnostic SourceTags::image(std::string_view source, const std::string* description) {
    return choose(images_, {}, [&](const Tag& tag) {
        const bool is_kept = tag.target.starts_with("http") || tag.target.starts_with("cid:");
        const bool same = tag.has_text == (description != nullptr);
        return !same ? impossible
                     : score_of_target(tag.target, source, is_kept) +
                           score_of_text(tag.text, description == nullptr ? "" : *description);
    });
}

}  // namespace winback::playbook
