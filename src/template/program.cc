#include "template/program.h"

#include <array>

#include "base/check.h"

namespace winback::liquid {
namespace {

// What `a` of an instruction means.
enum class Operand { None, Text, Constant, Name, Filter, Snippet, Target, Loop };

struct OpInfo {
    std::string_view name;
    Operand operand = Operand::None;
};

const OpInfo& op_info(Op op) {
    static constexpr std::array<OpInfo, 33> infos{{
        {"nothing"},
        {"text", Operand::Text},
        {"push", Operand::Constant},
        {"load", Operand::Name},
        {"member", Operand::Name},
        {"element"},
        {"range"},
        {"filter", Operand::Filter},
        {"print"},
        {"assign", Operand::Name},
        {"capture"},
        {"end_capture", Operand::Name},
        {"jump", Operand::Target},
        {"jump_if", Operand::Target},
        {"jump_unless", Operand::Target},
        {"and_jump", Operand::Target},
        {"or_jump", Operand::Target},
        {"compare"},
        {"case"},
        {"case_test"},
        {"case_enter", Operand::Target},
        {"case_again", Operand::Target},
        {"case_else", Operand::Target},
        {"end_case"},
        {"for_limit"},
        {"for_offset"},
        {"for_resume"},
        {"for", Operand::Loop},
        {"for_next", Operand::Target},
        {"for_break", Operand::Target},
        {"render", Operand::Snippet},
        {"abort"},
        {"halt"},
    }};
    static_assert(static_cast<std::size_t>(Op::Halt) + 1 == infos.size());
    return infos[static_cast<std::size_t>(op)];
}

std::string operand(const Program& program, const Instruction& instruction) {
    std::string text;
    switch (op_info(instruction.op).operand) {
        case Operand::None:
            break;
        case Operand::Text:
            append_json_string(
                text, std::string_view(program.source).substr(instruction.a, instruction.b));
            break;
        case Operand::Constant:
            append_json(text, program.constants[instruction.a]);
            break;
        case Operand::Name:
            text = program.names[instruction.a];
            break;
        case Operand::Filter:
            text = program.filter_calls[instruction.a].filter->name;
            break;
        case Operand::Snippet:
            text = program.snippet_calls[instruction.a].name;
            break;
        case Operand::Target:
            text = std::to_string(instruction.a);
            break;
        case Operand::Loop:
            text = program.names[instruction.a];
            text += " else " + std::to_string(instruction.b);
            break;
    }
    return text;
}

}  // namespace

std::string listing(const Program& program) {
    std::string out;
    for (std::size_t i = 0; i < program.code.size(); ++i) {
        const std::string text = operand(program, program.code[i]);
        out += std::to_string(i) + " ";
        out += op_info(program.code[i].op).name;
        out += text.empty() ? "" : " " + text;
        out += "\n";
    }
    return out;
}

}  // namespace winback::liquid
