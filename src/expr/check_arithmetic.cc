#include "expr/checking.h"

namespace winback::expr {
namespace {

bool is_multiplication(BinaryOp op) {
    return op == BinaryOp::Multiply || op == BinaryOp::Divide;
}

}  // namespace

Type Checker::arithmetic(const Node& node, Type left, Type right) {
    if (left.kind == Kind::Error || right.kind == Kind::Error) {
        return of(Kind::Error);
    }
    if (left.kind == Kind::Time || right.kind == Kind::Time) {
        return time_arithmetic(node, left, right);
    }
    if (left.kind == Kind::Duration || right.kind == Kind::Duration) {
        return duration_arithmetic(node, left, right);
    }
    if (left.is_number() && right.is_number()) {
        const bool real = left.kind == Kind::Double || right.kind == Kind::Double;
        if (real && node.op == BinaryOp::Modulo) {
            return mismatch(node, left, right, "a remainder needs whole numbers");
        }
        if (left.kind != right.kind && !real) {
            return mismatch(node, left, right, "write both with u or both without");
        }
        return of(real ? Kind::Double : left.kind);
    }
    const bool concatenable = node.op == BinaryOp::Add &&
                              (left.kind == Kind::String || right.kind == Kind::String) &&
                              (left.kind == right.kind || left.is_open() || right.is_open());
    if (concatenable) {
        return of(Kind::String);
    }
    const bool joins = node.op == BinaryOp::Add && left.kind == right.kind &&
                       (left.kind == Kind::List || left.kind == Kind::Bytes);
    if (joins) {
        Type type = of(left.kind);
        type.element = left.element == right.element ? left.element : Kind::Any;
        return type;
    }
    const bool any_list = node.op == BinaryOp::Add &&
                          (left.kind == Kind::List || right.kind == Kind::List) &&
                          (left.is_open() || right.is_open());
    if (any_list) {
        return of(Kind::List);
    }
    const auto numeric = [](Type t) { return t.is_number() || t.kind == Kind::Any; };
    if (numeric(left) && numeric(right)) {
        return of(Kind::Any);
    }
    return mismatch(node, left, right, "");
}

Type Checker::time_arithmetic(const Node& node, Type left, Type right) {
    const bool add = node.op == BinaryOp::Add;
    const bool subtract = node.op == BinaryOp::Subtract;
    const Type& time = left.kind == Kind::Time ? left : right;
    const Type& other = left.kind == Kind::Time ? right : left;
    if (left.kind == Kind::Time && right.kind == Kind::Time && subtract) {
        Type type = of(Kind::Duration);
        type.motion = left.moves() ? left.motion : right.motion;
        if (left.moves() && right.moves()) {
            refuse_movement(node.span, "let only one side depend on now");
            return of(Kind::Error);
        }
        return type;
    }
    if (left.kind == Kind::Any && subtract) {
        Type type = of(Kind::Duration);
        type.motion = right.motion;
        return type;
    }
    const bool order = left.kind == Kind::Time || add;
    if ((!add && !subtract) || !order ||
        (other.kind != Kind::Duration && other.kind != Kind::Any)) {
        return mismatch(node, left, right, "add or subtract a duration: dur(\"36h\")");
    }
    if (other.kind == Kind::Any && subtract) {
        // now - user.x is taken for a difference of times: a time less a duration that is
        // known only when evaluated would move in another way.
        Type type = of(time.moves() ? Kind::Duration : Kind::Any);
        type.motion = time.motion;
        return type;
    }
    if (other.moves()) {
        refuse_movement(node.span, "compare the two parts with each other instead of adding them");
        return of(Kind::Error);
    }
    Type type = of(Kind::Time);
    type.motion = time.motion;
    if (time.moves() && other.calendar) {
        if (time.motion != Motion::Now) {
            refuse_movement(node.span, "write one span, such as ago(\"1mo3d\")");
            return of(Kind::Error);
        }
        type.motion = Motion::Calendar;
    } else if (time.motion == Motion::Now) {
        type.motion = Motion::Exact;
    }
    return type;
}

Type Checker::duration_arithmetic(const Node& node, Type left, Type right) {
    if (left.moves() || right.moves()) {
        refuse_movement(node.span,
                        "keep since_last() or now - time alone on its side of the comparison");
        return of(Kind::Error);
    }
    const bool both = left.kind == Kind::Duration && right.kind == Kind::Duration;
    const Type& other = left.kind == Kind::Duration ? right : left;
    Type type = of(Kind::Duration);
    type.calendar = left.calendar || right.calendar;
    const bool additive = node.op == BinaryOp::Add || node.op == BinaryOp::Subtract;
    if (additive && (both || other.kind == Kind::Any)) {
        const bool unsure = left.kind == Kind::Any || node.op == BinaryOp::Add;
        return other.kind == Kind::Any && unsure ? of(Kind::Any) : type;
    }
    if (node.op == BinaryOp::Divide && both) {
        return of(Kind::Double);
    }
    if (node.op == BinaryOp::Divide && other.kind == Kind::Any) {
        return of(Kind::Any);
    }
    const bool scales = is_multiplication(node.op) &&
                        (node.op == BinaryOp::Multiply || left.kind == Kind::Duration);
    if (scales && (other.is_number() || other.kind == Kind::Any) && other.kind != Kind::Uint) {
        return type;
    }
    return mismatch(node, left, right, "a duration can be multiplied or divided by a number");
}

}  // namespace winback::expr
