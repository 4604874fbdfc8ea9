// What one render may still do: every step and every text it looks at is taken off here.
//
// Whatever walks through a value takes a Meter, for a list made by a template may hold the same
// list many times over: its size as it is printed, compared or flattened is exponential in what
// it takes to build. Once the meter is spent the walks stop where they are, their results are
// worth nothing and the render ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "template/limits.h"

namespace winback::liquid {

class Meter {
public:
    // `text_bytes_max`: the longest text that can be of use to the render.
    Meter(std::int64_t steps, std::size_t text_bytes_max)
        : steps_(steps), text_bytes_max_(text_bytes_max) {}

    // False once the meter is spent.
    bool spend(std::int64_t steps) {
        if (steps > steps_) [[unlikely]] {
            steps_ = -1;
            return false;
        }
        steps_ -= steps;
        return true;
    }
    bool spend_bytes(std::size_t bytes) {
        return spend(static_cast<std::int64_t>(bytes / bytes_per_step));
    }
    bool spent() const { return steps_ < 0; }
    bool too_long() const { return too_long_; }

    // One list or map further into a value. False: come no further, and do not leave().
    bool enter() {
        if (depth_ == nested_values_max) {
            steps_ = -1;
        }
        if (!spend(1)) {
            return false;
        }
        ++depth_;
        return true;
    }
    void leave() { --depth_; }

    // False once `text` is longer than it may become.
    bool allows(const std::string& text) {
        if (text.size() > text_bytes_max_) [[unlikely]] {
            too_long_ = true;
            steps_ = -1;
        }
        return !spent();
    }

private:
    std::int64_t steps_;  // Negative: spent.
    std::size_t text_bytes_max_;
    int depth_ = 0;
    bool too_long_ = false;
};

// For what stands in a template: no constant is longer than the source.
inline Meter source_meter() {
    return {INT64_MAX, 2 * source_bytes_max};
}

}  // namespace winback::liquid
