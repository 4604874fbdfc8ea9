// Messages that an editor shows before they are saved: a frame asks for them by name a moment
// after they were rendered. In memory, few, the oldest forgotten first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace winback::api {

constexpr std::size_t drafts_max = 200;
constexpr std::size_t draft_bytes_in_all_max = 16 * 1024 * 1024;

// Any thread.
class TemplateDrafts {
public:
    // `owner` is the id of the key that asked; nobody else can read it. Gives the draft's name.
    std::string keep(std::string_view owner, std::string html);
    // Null when there is none, or no more.
    std::shared_ptr<const std::string> find(std::string_view owner, std::string_view name) const;

private:
    struct Draft {
        std::string name;
        std::string owner;
        std::shared_ptr<const std::string> html;
    };

    mutable std::mutex mutex_;
    std::deque<Draft> drafts_;
    std::size_t bytes_ = 0;
    std::uint64_t made_ = 0;
};

}  // namespace winback::api
