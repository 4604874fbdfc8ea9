// What commands show: progress on stderr, tables and bars on stdout, errors in one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace winback::cli {

// "winback: message" on stderr. Returns exit_failed, so that commands can return it.
int fail(const Error& error);

// A bar with rate and time left on a terminal; a line now and then otherwise. Quiet when the
// output is meant for a program.
class Progress {
public:
    Progress(std::string label, bool quiet);
    ~Progress();
    // `done` of `total` units of work; `items` is what the rate is counted in.
    void update(std::uint64_t done,
                std::uint64_t total,
                std::uint64_t items,
                std::string_view item_name);
    void finish();

private:
    void draw(double share, std::uint64_t items, std::string_view item_name);

    std::string label_;
    bool quiet_;
    bool terminal_;
    bool drawn_ = false;
    std::int64_t started_ms_;
    std::int64_t last_ms_ = 0;
    std::uint64_t items_ = 0;
    std::string item_name_;
};

// Columns padded to their widest cell; `right` names those that are numbers.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& right);
std::string bar(double share, int width);           // "███████▌    "
std::string percent(double share, int digits = 1);  // "12.3 %"
std::string thousands(std::uint64_t number);        // "397,884"

// Numbers in a tree of values; 0 and "" when absent.
double number_at(const ValueMap& map, std::string_view key);
std::string text_at(const ValueMap& map, std::string_view key);
const ValueMap& map_at(const ValueMap& map, std::string_view key);    // Empty when absent.
const ValueList& list_at(const ValueMap& map, std::string_view key);  // Empty when absent.

}  // namespace winback::cli
