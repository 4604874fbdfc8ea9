#include "api/segments.h"

#include <algorithm>

#include "api/segment_course.h"
#include "api/walk.h"
#include "base/strings.h"
#include "customer/marks.h"
#include "engine/schema.h"
#include "expr/limits.h"
#include "expr/parser.h"
#include "expr/printer.h"
#include "expr/tree.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using expr::TokenKind;

constexpr Duration funnel_age_max = minutes(1);

std::string_view kind_of(const expr::Token& token, const expr::Token& next) {
    switch (token.kind) {
        case TokenKind::Identifier:
        case TokenKind::Reserved:
        case TokenKind::Quoted:
            return next.kind == TokenKind::LeftParen ? "call" : "name";
        case TokenKind::String:
        case TokenKind::Bytes:
            return "text";
        case TokenKind::Int:
        case TokenKind::Uint:
        case TokenKind::Double:
            return "number";
        case TokenKind::True:
        case TokenKind::False:
        case TokenKind::Null:
        case TokenKind::In:
            return "word";
        case TokenKind::End:
        case TokenKind::Bad:
        case TokenKind::LeftParen:
        case TokenKind::RightParen:
        case TokenKind::LeftBracket:
        case TokenKind::RightBracket:
        case TokenKind::LeftBrace:
        case TokenKind::RightBrace:
        case TokenKind::Dot:
        case TokenKind::Comma:
        case TokenKind::Question:
        case TokenKind::Colon:
        case TokenKind::Plus:
        case TokenKind::Minus:
        case TokenKind::Star:
        case TokenKind::Slash:
        case TokenKind::Percent:
        case TokenKind::Not:
        case TokenKind::And:
        case TokenKind::Or:
        case TokenKind::Less:
        case TokenKind::LessEqual:
        case TokenKind::Greater:
        case TokenKind::GreaterEqual:
        case TokenKind::Equal:
        case TokenKind::NotEqual:
            return "sign";
    }
    return "sign";
}

void add_piece(ValueList& list, std::string_view kind, std::string_view text) {
    if (!text.empty()) {
        ValueMap map;
        map.set("kind", kind);
        map.set("text", text);
        list.emplace_back(std::move(map));
    }
}

bool mentions(const expr::Condition& condition,
              const expr::Symbols& symbols,
              std::string_view segment) {
    return std::any_of(condition.segments.begin(), condition.segments.end(),
                       [&](expr::SegmentId id) { return symbols.segments[id] == segment; });
}

bool mentions(const journey::Journey& journey,
              const expr::Symbols& symbols,
              std::string_view segment) {
    const auto in = [&](const expr::Condition& condition) {
        return mentions(condition, symbols, segment);
    };
    return std::any_of(journey.exits.begin(), journey.exits.end(), in) ||
           (journey.goal.where.has_value() && in(*journey.goal.where)) ||
           std::any_of(journey.steps.begin(), journey.steps.end(), [&](const auto& step) {
               return step.condition.has_value() && in(*step.condition);
           });
}

ValueMap segment_value(const engine::Definitions& definitions,
                       const segment::Segment& segment,
                       const SegmentCourse& course,
                       std::uint64_t all) {
    ValueMap map;
    map.set("id", segment.id);
    add_names(map, segment.id, &segment);
    map.set("condition", segment.condition.text);
    map.set("customers", static_cast<std::int64_t>(course.customers));
    map.set("share",
            all == 0 ? 0.0 : static_cast<double>(course.customers) / static_cast<double>(all));
    put_course(course, map);
    map.set("moves_with_time", segment.condition.moves_with_time);
    map.set("newcomers", segment.newcomers_enter ? "enter" : "stay");
    map.set("used_by", users_of(definitions, segment.id));
    return map;
}

expr::Schema schema_of(const engine::Definitions& definitions) {
    expr::Schema schema = engine::base_schema();
    for (const segment::Segment& segment : definitions.segments) {
        schema.segments.push_back(segment.id);
    }
    return schema;
}

Funnel count_funnel(Desk& desk, const engine::Definitions& definitions, const std::string& text) {
    Funnel funnel{.parts = condition_parts(text), .left = {}, .customers = 0};
    std::vector<expr::Condition> conditions;
    expr::Symbols symbols;
    const expr::Schema schema = schema_of(definitions);
    for (const std::string& part : funnel.parts) {
        expr::Compiled compiled = expr::compile(part, schema, symbols);
        if (!compiled.condition) {
            return {};
        }
        conditions.push_back(*std::move(compiled.condition));
    }
    funnel.left.resize(conditions.size());
    funnel.as_of = desk.host().now();
    const auto ask = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                         expr::Interrupt& interrupt) {
        std::vector<std::uint64_t> marks = view.shard.customers().present(from, to);
        const std::uint64_t present = customer::mark_count(marks);
        std::vector<std::uint64_t> left;
        for (const expr::Condition& condition : conditions) {
            view.shard.query(condition, symbols, &interrupt)->narrow(from, marks, funnel.as_of);
            left.push_back(customer::mark_count(marks));
            if (interrupt.given_up()) {
                return;
            }
        }
        funnel.customers += present;
        for (std::size_t i = 0; i < left.size(); ++i) {
            funnel.left[i] += left[i];
        }
    };
    Walk(desk.host()).run(ask);
    return funnel;
}

ValueList funnel_value(const Funnel& funnel) {
    ValueList list;
    for (std::size_t i = 0; i < funnel.left.size(); ++i) {
        ValueMap map;
        map.set("condition", funnel.parts[i]);
        map.set("pieces", condition_pieces(funnel.parts[i]));
        map.set("customers", static_cast<std::int64_t>(funnel.left[i]));
        map.set("share", funnel.customers == 0 ? 0.0
                                               : static_cast<double>(funnel.left[i]) /
                                                     static_cast<double>(funnel.customers));
        list.emplace_back(std::move(map));
    }
    return list;
}

// Nothing when the text has mistakes, of spelling or of size.
std::optional<expr::Ast> parsed(std::string_view text) {
    if (text.size() > expr::text_bytes_max || !is_valid_utf8(text)) {
        return std::nullopt;
    }
    Diagnostics diagnostics;
    expr::Reporter reporter(text, diagnostics);
    expr::Ast ast = expr::parse(text, reporter);
    return has_errors(diagnostics) ? std::nullopt : std::optional(std::move(ast));
}

}  // namespace

namespace {

bool joins(const expr::Node& node) {
    return node.kind == expr::NodeKind::And || node.kind == expr::NodeKind::Or;
}

// Recursion is bounded by the depth of the condition.
ConditionPart part_of(const expr::Ast& ast, expr::NodeId id) {
    ConditionPart part{.text = expr::print(ast, id), .parts = {}};
    const expr::Node* node = &ast.nodes[id];
    if (node->kind == expr::NodeKind::Not && joins(ast.nodes[node->children.front()])) {
        node = &ast.nodes[node->children.front()];
    }
    if (joins(*node)) {
        for (const expr::NodeId child : node->children) {
            part.parts.push_back(part_of(ast, child));
        }
    }
    return part;
}

}  // namespace

std::vector<ConditionPart> condition_groups(std::string_view text) {
    const std::optional<expr::Ast> ast = parsed(text);
    if (!ast) {
        return {};
    }
    ConditionPart whole = part_of(*ast, ast->root);
    if (ast->nodes[ast->root].kind == expr::NodeKind::And) {
        return std::move(whole.parts);
    }
    whole.text = expr::print(*ast);
    return {std::move(whole)};
}

std::vector<std::string> condition_parts(std::string_view text) {
    std::vector<std::string> texts;
    for (ConditionPart& part : condition_groups(text)) {
        texts.push_back(std::move(part.text));
    }
    return texts;
}

Value condition_tree(std::string_view text) {
    const std::optional<expr::Ast> ast = parsed(text);
    return ast ? expr::to_tree(text, *ast) : Value();
}

Result<const segment::Segment*> find_segment(const engine::DefinitionsPtr& definitions,
                                             std::string_view id) {
    const segment::Segment* segment = definitions == nullptr ? nullptr : definitions->segment(id);
    if (segment == nullptr) {
        return Error{ErrorCode::NotFound, "there is no such segment"};
    }
    return segment;
}

ValueList users_of(const engine::Definitions& definitions, std::string_view segment) {
    ValueList list;
    const auto add = [&](std::string_view kind, const auto& user, bool enters) {
        ValueMap map;
        map.set("kind", kind);
        map.set("id", user.id);
        add_name(map, user.id, &user);
        map.set("enters", enters);
        list.emplace_back(std::move(map));
    };
    for (const journey::Journey& journey : definitions.journeys) {
        const bool enters = journey.segment == segment;
        if (enters || mentions(journey, definitions.symbols, segment)) {
            add("journey", journey, enters);
        }
    }
    for (const segment::Segment& other : definitions.segments) {
        if (mentions(other.condition, definitions.symbols, segment)) {
            add("segment", other, false);
        }
    }
    return list;
}

ValueList condition_pieces(std::string_view text) {
    Diagnostics diagnostics;
    expr::Reporter reporter(text, diagnostics);
    const expr::Tokens lexed = expr::lex(text, reporter);
    ValueList list;
    std::size_t at = 0;
    auto comment = lexed.comments.begin();
    const auto up_to = [&](std::size_t end) {
        for (; comment != lexed.comments.end() && comment->span.begin < end; ++comment) {
            add_piece(list, "space", text.substr(at, comment->span.begin - at));
            add_piece(list, "comment",
                      text.substr(comment->span.begin, comment->span.end - comment->span.begin));
            at = comment->span.end;
        }
        add_piece(list, "space", text.substr(at, end - at));
        at = end;
    };
    for (std::size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
        const expr::Token& token = lexed.tokens[i];
        up_to(token.span.begin);
        add_piece(list, kind_of(token, lexed.tokens[i + 1]), text.substr(at, token.span.end - at));
        at = token.span.end;
    }
    up_to(text.size());
    return list;
}

std::shared_ptr<const Funnel> FunnelCache::get(const engine::Definitions& definitions,
                                               const segment::Segment& segment) {
    std::shared_ptr<Cached<Funnel>> cached;
    {
        const std::lock_guard lock(mutex_);
        if (version_ != definitions.version) {
            funnels_.clear();
            version_ = definitions.version;
        }
        std::shared_ptr<Cached<Funnel>>& slot = funnels_[segment.id];
        if (slot == nullptr) {
            const Duration age =
                std::min(funnel_age_max, Duration{desk_.options().overview_age_max.ms * 12});
            slot = std::make_shared<Cached<Funnel>>(desk_, age, [id = segment.id](Desk& desk) {
                const engine::DefinitionsPtr now = desk.host().definitions();
                const segment::Segment* own = now == nullptr ? nullptr : now->segment(id);
                return own == nullptr ? Funnel() : count_funnel(desk, *now, own->condition.text);
            });
        }
        cached = slot;
    }
    return cached->get();
}

ValueMap list_segments(Desk& desk) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueList list;
    const SegmentCourses courses =
        definitions == nullptr ? SegmentCourses() : segment_courses(desk, *definitions);
    for (const auto& [id, course] : courses.of) {
        list.emplace_back(
            segment_value(*definitions, *definitions->segment(id), course, courses.customers));
    }
    ValueMap tree;
    tree.set("now", desk.host().now());
    tree.set("customers", static_cast<std::int64_t>(courses.customers));
    tree.set("segments", std::move(list));
    return tree;
}

Result<ValueMap> describe_segment(Desk& desk, std::string_view id) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(const segment::Segment* segment, find_segment(definitions, id));
    const SegmentCourses courses = segment_courses(desk, *definitions);
    ValueMap map =
        segment_value(*definitions, *segment, courses.of.at(segment->id), courses.customers);
    map.set("version", static_cast<std::int64_t>(definitions->version));
    map.set("tree", condition_tree(segment->condition.text));
    map.set("now", desk.host().now());
    map.set("all", static_cast<std::int64_t>(courses.customers));
    map.set("pieces", condition_pieces(segment->condition.text));
    const std::shared_ptr<const Funnel> funnel =
        desk.part<FunnelCache>().get(*definitions, *segment);
    map.set("funnel", funnel_value(*funnel));
    map.set("funnel_as_of", funnel->as_of);
    return map;
}

Membership::Membership(const engine::Shard& shard, std::string_view segment) : shard_(shard) {
    const engine::DefinitionsPtr definitions = shard.definitions();
    for (std::size_t i = 0; definitions != nullptr && i < definitions->segments.size(); ++i) {
        if (definitions->segments[i].id == segment) {
            position_ = i;
        }
    }
}

bool Membership::holds(CustomerIndex customer) const {
    const std::span<const std::uint64_t> bits = shard_.membership(customer);
    return position_ && *position_ / 64 < bits.size() && customer::is_marked(bits, *position_);
}

Result<ValueMap> ask_customer(
    Desk& desk,
    std::string_view customer,
    const std::function<ValueMap(const host::ShardView& view, CustomerIndex c)>& ask) {
    constexpr int merges_max = 32;
    std::string at(customer);
    for (int hop = 0; hop < merges_max; ++hop) {
        std::string into;
        std::optional<ValueMap> answer;
        desk.host().query_customer(at, [&](const host::ShardView& view) {
            const customer::Customers& customers = view.shard.customers();
            const auto index = customers.find(at);
            if (!index.has_value() || customers.erased(*index)) {
                return;
            }
            into = customers.merged_into(*index);
            if (into.empty()) {
                answer = ask(view, *index);
            }
        });
        if (answer.has_value()) {
            return *std::move(answer);
        }
        if (into.empty()) {
            break;
        }
        at = into;
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

Result<ValueMap> membership_of(Desk& desk, std::string_view segment, std::string_view customer) {
    WINBACK_TRY(const segment::Segment* found, find_segment(desk.host().definitions(), segment));
    return ask_customer(desk, customer, [&](const host::ShardView& view, CustomerIndex c) {
        ValueMap map;
        map.set("segment", found->id);
        map.set("customer", std::string(view.shard.customers().id(c)));
        map.set("member", Membership(view.shard, segment).holds(c));
        map.set("now", view.now);
        return map;
    });
}

}  // namespace winback::api
