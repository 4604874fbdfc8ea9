#include "template/reads.h"

#include <algorithm>

#include "template/program.h"

namespace winback::liquid {
namespace {

// Empty when the expression is no path of names.
std::string path_of(const Program& program, std::uint32_t index) {
    if (index == nothing) {
        return {};
    }
    const Expression& expression = program.expressions[index];
    if (expression.kind != Expression::Kind::Variable &&
        expression.kind != Expression::Kind::Path) {
        return {};
    }
    std::string path(program.names[expression.a]);
    for (std::uint32_t i = 0; i < expression.count; ++i) {
        const std::string_view name = step_name(program, program.steps[expression.b + i]);
        if (name.empty()) {
            return {};
        }
        path += '.';
        path += name;
    }
    return path;
}

// "folder/Card.liquid" as the name under which a snippet sees what stands after `with`.
std::string own_name(std::string_view name) {
    constexpr std::string_view extension = ".liquid";
    if (name.ends_with(extension)) {
        name.remove_suffix(extension.size());
    }
    return std::string(name.substr(name.rfind('/') + 1));
}

SnippetCall call_of(const Program& program, const Node& node, std::string_view name) {
    const PartialCall& call = program.partials[node.a];
    SnippetCall out{std::string(name), node.op == Op::Include, {}};
    const bool renamed = call.alias != nothing;
    out.given.push_back({renamed ? std::string(program.names[call.alias]) : own_name(name),
                         path_of(program, call.with), call.each});
    for (std::uint32_t i = 0; i < call.count; ++i) {
        const std::uint32_t parameter = call.parameters + 2 * i;
        out.given.push_back({std::string(program.names[program.lists[parameter]]),
                             path_of(program, program.lists[parameter + 1]), false});
    }
    return out;
}

}  // namespace

const std::vector<NameRead>& names_read(const Program& program) {
    return program.reads;
}

const std::vector<std::string>& names_given(const Program& program) {
    return program.names_given;
}

std::vector<Alias> aliases(const Program& program) {
    std::vector<Alias> found;
    for (const LoopSpec& loop : program.loops) {
        if (std::string path = path_of(program, loop.collection); !path.empty()) {
            found.push_back({std::string(program.names[loop.variable]), std::move(path), true});
        }
    }
    for (const Node& node : program.nodes) {
        if (node.op != Op::Assign) {
            continue;
        }
        if (std::string path = path_of(program, program.values[node.a].expression); !path.empty()) {
            found.push_back({std::string(program.names[node.b]), std::move(path), false});
        }
    }
    return found;
}

std::vector<SnippetCall> snippet_calls(const Program& program) {
    std::vector<SnippetCall> calls;
    for (const Node& node : program.nodes) {
        if (node.op != Op::Include && node.op != Op::Render) {
            continue;
        }
        const Expression& name = program.expressions[program.partials[node.a].name];
        const bool is_text = name.kind == Expression::Kind::Constant &&
                             program.constants[name.a].is(Datum::Kind::Text);
        if (is_text) {
            calls.push_back(call_of(program, node, program.constants[name.a].as_text()));
        }
    }
    return calls;
}

std::vector<NameRead> printed_without(const Program& program,
                                      const std::vector<std::string_view>& filters) {
    constexpr std::size_t gap_max = 100;  // Between the braces and the path.
    std::vector<NameRead> printed;
    for (const Node& node : program.nodes) {
        if (node.op != Op::Print) {
            continue;
        }
        const FilteredValue& value = program.values[node.a];
        const auto first = program.filter_calls.begin() + value.filters;
        const bool filtered = std::any_of(first, first + value.count, [&](const FilterCall& call) {
            return std::find(filters.begin(), filters.end(), call.name) != filters.end();
        });
        if (std::string path = path_of(program, value.expression); !filtered && !path.empty()) {
            const std::size_t at = program.source.find(path, node.at);
            printed.push_back({std::move(path), at < node.at + gap_max ? at : node.at, false});
        }
    }
    return printed;
}

std::string_view source_of(const Program& program) {
    return program.source;
}

std::string_view file_of(const Program& program) {
    return program.file;
}

}  // namespace winback::liquid
