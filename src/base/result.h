// Result<T>: the outcome of an operation that can fail for a reason outside the program.
//
// Holds either a T or an Error, never both. The API is the C++20-friendly subset of
// std::expected (has_value, operator*, operator->, value, error), so that the alias can
// be swapped for the standard type once every compiler and tool in CI ships it.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace winback {

enum class ErrorCode {
    InvalidArgument,
    NotFound,
    Conflict,
    LimitExceeded,
    Unavailable,
    PermissionDenied,
    Corrupt,
    Internal,
};

struct Error {
    ErrorCode code;
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
public:
    // Implicit on purpose: `return value;` and `return Error{...};` both read naturally.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(value()); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    T& value() & {
        WINBACK_CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        WINBACK_CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    Error& error() {
        WINBACK_CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }
    const Error& error() const {
        WINBACK_CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

}  // namespace winback

// Evaluates `expr` (a Result); on failure returns its Error from the enclosing function,
// otherwise declares `decl` with the value.
#define WINBACK_CONCAT_INNER(a, b) a##b
#define WINBACK_CONCAT(a, b) WINBACK_CONCAT_INNER(a, b)
#define WINBACK_TRY(decl, expr) WINBACK_TRY_IMPL(WINBACK_CONCAT(try_result_, __LINE__), decl, expr)
// NOLINTBEGIN(bugprone-macro-parentheses)
#define WINBACK_TRY_IMPL(tmp, decl, expr) \
    auto tmp = (expr);                    \
    if (!tmp.has_value()) [[unlikely]] {  \
        return std::move(tmp.error());    \
    }                                     \
    decl = *std::move(tmp)
// NOLINTEND(bugprone-macro-parentheses)
