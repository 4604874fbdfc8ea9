// Whose turn it is to count: an editor's next question ends the pass of the one before.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/desk.h"

namespace winback::api {

// Part of the desk.
class PreviewTurns {
public:
    explicit PreviewTurns(Desk& desk);

    // Where previews wait and work, so that no page does.
    const std::shared_ptr<Desk>& room() const { return room_; }

private:
    struct Begun {
        std::mutex mutex;
        std::map<std::string, std::shared_ptr<std::atomic<bool>>> by_asker;
    };

public:
    // Ends the preview of the same asker, an editor of a session, that is under way. `asker` may be
    // empty: then it ends nothing. May outlive the desk.
    class Turn {
    public:
        Turn(PreviewTurns& turns, std::string asker);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        const std::atomic<bool>& stopping() const { return *stopping_; }

    private:
        std::shared_ptr<Begun> begun_;
        std::string asker_;
        std::shared_ptr<std::atomic<bool>> stopping_;
    };

private:
    std::shared_ptr<Begun> begun_ = std::make_shared<Begun>();
    std::shared_ptr<Desk> room_;
};

}  // namespace winback::api
