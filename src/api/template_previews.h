// Where previews of drafts wait and are made, so that no page waits behind them, and how many one
// person may have at once: a draft may be as heavy as the limits of rendering allow.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/desk.h"
#include "host/keys.h"

namespace winback::api {

constexpr std::size_t previews_waiting_max = 8;  // Then 503.
constexpr int previews_of_one_max = 2;           // At once.

// Part of the desk.
class TemplatePreviews {
public:
    explicit TemplatePreviews(Desk& desk);

    const std::shared_ptr<Desk>& room() const { return room_; }

    // One of those that a person may have at once, until it ends.
    class Turn {
    public:
        // `who` may have several sessions and tokens; they count together.
        Turn(TemplatePreviews& previews, const host::Key& who);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        bool mine() const { return mine_; }

    private:
        TemplatePreviews& previews_;
        std::string who_;
        bool mine_ = false;
    };

private:
    std::shared_ptr<Desk> room_;
    std::mutex mutex_;
    std::map<std::string, int> under_way_;  // By who asked.
};

}  // namespace winback::api
