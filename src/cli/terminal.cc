#include "cli/terminal.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"

namespace winback::cli {
namespace {

constexpr std::int64_t redraw_ms = 100;
constexpr std::int64_t line_ms = 5000;  // When stderr is not a terminal.

std::int64_t steady_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// Code points of UTF-8: the cells that a text takes in a table of ours.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    }));
}

}  // namespace

int fail(const Error& error) {
    fmt::print(stderr, "winback: {}\n", error.message);
    return exit_failed;
}

Progress::Progress(std::string label, bool quiet)
    : label_(std::move(label)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      started_ms_(steady_ms()) {}

Progress::~Progress() {
    finish();
}

void Progress::update(std::uint64_t done,
                      std::uint64_t total,
                      std::uint64_t items,
                      std::string_view item_name) {
    items_ = items;
    item_name_ = item_name;
    const std::int64_t now = steady_ms();
    if (quiet_ || now - last_ms_ < (terminal_ ? redraw_ms : line_ms)) {
        return;
    }
    if (!terminal_ && now - started_ms_ < line_ms) {
        return;
    }
    last_ms_ = now;
    const double share =
        total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    draw(share, items, item_name);
}

void Progress::draw(double share, std::uint64_t items, std::string_view item_name) {
    const double seconds = std::max(0.001, static_cast<double>(steady_ms() - started_ms_) / 1000.0);
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(items) / seconds);
    std::string left;
    if (share > 0.01 && share < 1) {
        left = fmt::format("  {:.0f} s left", std::ceil(seconds * (1 - share) / share));
    }
    fmt::print(stderr, "{}{:<11} {} {:>4.0f} %  {} {}  {}/s{}{}", terminal_ ? "\r" : "", label_,
               bar(share, 24), share * 100, thousands(items), item_name, thousands(rate), left,
               terminal_ ? "\x1b[K" : "\n");
    drawn_ = true;
}

void Progress::finish() {
    if (quiet_) {
        return;
    }
    quiet_ = true;
    draw(1, items_, item_name_);
    if (terminal_) {
        fmt::print(stderr, "\n");
    }
}

std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& right) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(widths[i] - width_of(row[i]), ' ');
            const bool flush_right = i < right.size() && right[i] == 'r';
            line += " " + (flush_right ? pad + row[i] : row[i] + pad) + " ";
        }
        while (line.ends_with(' ')) {
            line.pop_back();
        }
        out += line + "\n";
    }
    return out;
}

std::string bar(double share, int width) {
    const double cells = std::clamp(share, 0.0, 1.0) * width;
    std::string out;
    for (int i = 0; i < width; ++i) {
        out += cells >= i + 1 ? "█" : cells >= i + 0.5 ? "▌" : "·";
    }
    return out;
}

std::string percent(double share, int digits) {
    return fmt::format("{:.{}f} %", share * 100, digits);
}

std::string thousands(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) {
        text.insert(i - 3, ",");
    }
    return text;
}

double number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? 0 : value->number_or(0);
}

std::string text_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    if (value == nullptr) {
        return {};
    }
    if (const Timestamp* time = value->as_time()) {
        return format_iso8601(*time);
    }
    const std::string* text = value->as_string();
    return text == nullptr ? std::string() : *text;
}

const ValueMap& map_at(const ValueMap& map, std::string_view key) {
    static const ValueMap none;
    const Value* value = map.find(key);
    const ValueMap* found = value == nullptr ? nullptr : value->as_map();
    return found == nullptr ? none : *found;
}

const ValueList& list_at(const ValueMap& map, std::string_view key) {
    static const ValueList none;
    const Value* value = map.find(key);
    const ValueList* found = value == nullptr ? nullptr : value->as_list();
    return found == nullptr ? none : *found;
}

}  // namespace winback::cli
