// Writes Prometheus' text format 0.0.4, family by family.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace winback::api {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Exposition {
public:
    explicit Exposition(std::string& out) : out_(out) {}

    // What follows belongs to this family. `type` is counter, gauge or histogram.
    void family(std::string_view name, std::string_view type, std::string_view help);
    void sample(std::uint64_t value, Labels labels = {});
    void sample(double value, Labels labels = {});
    // `counts` has one more entry than `bounds`: what is above all. Shown in seconds.
    void histogram(std::span<const std::int64_t> bounds_micros,
                   std::span<const std::uint64_t> counts,
                   std::uint64_t sum_micros,
                   Labels labels = {});

private:
    void line(std::string_view suffix,
              Labels labels,
              std::string_view last_label,
              std::string_view last_value,
              std::string_view value);

    std::string& out_;
    std::string name_;
};

}  // namespace winback::api
