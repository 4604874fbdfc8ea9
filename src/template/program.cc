#include "template/program.h"

#include <charconv>

namespace winback::liquid {

Comparison comparison_of(std::string_view sign) {
    struct Sign {
        std::string_view text;
        Comparison comparison;
    };
    static constexpr Sign signs[] = {
        {"==", Comparison::Equal},          {"!=", Comparison::NotEqual},
        {"<>", Comparison::NotEqual},       {"<", Comparison::Less},
        {"<=", Comparison::LessOrEqual},    {">", Comparison::Greater},
        {">=", Comparison::GreaterOrEqual}, {"contains", Comparison::Contains},
    };
    for (const Sign& known : signs) {
        if (known.text == sign) {
            return known.comparison;
        }
    }
    return Comparison::Unknown;
}

std::string_view step_name(const Program& program, const Step& step) {
    if (step.is_name) {
        return program.names[step.index];
    }
    if (step.index == nothing) {
        return {};
    }
    const Expression& key = program.expressions[step.index];
    const bool is_text =
        key.kind == Expression::Kind::Constant && program.constants[key.a].is(Datum::Kind::Text);
    const std::string_view text = is_text ? program.constants[key.a].as_text() : "";
    return text.find('.') == std::string_view::npos ? text : std::string_view();
}

std::vector<SnippetUse> snippets_used(const Program& program) {
    std::vector<SnippetUse> uses;
    for (const Node& node : program.nodes) {
        if (node.op != Op::Include && node.op != Op::Render) {
            continue;
        }
        const PartialCall& call = program.partials[node.a];
        const Expression& name = program.expressions[call.name];
        const bool literal = name.kind == Expression::Kind::Constant &&
                             program.constants[name.a].is(Datum::Kind::Text);
        if (literal) {
            uses.push_back({std::string(program.constants[name.a].as_text()),
                            position_at(program.source, node.at)});
        }
    }
    return uses;
}

}  // namespace winback::liquid
