#include "api/preview_turns.h"

#include <utility>

namespace winback::api {
namespace {

constexpr int room_threads = 3;
constexpr std::size_t room_waiting_max = 32;

}  // namespace

PreviewTurns::PreviewTurns(Desk& desk)
    : room_(std::make_shared<Desk>(
          desk.host(),
          DeskOptions{.threads = desk.options().threads == 0 ? 0 : room_threads,
                      .waiting_max = room_waiting_max,
                      .overview_age_max = desk.options().overview_age_max})) {}

PreviewTurns::Turn::Turn(PreviewTurns& turns, std::string asker)
    : begun_(turns.begun_),
      asker_(std::move(asker)),
      stopping_(std::make_shared<std::atomic<bool>>(false)) {
    if (asker_.empty()) {
        return;
    }
    const std::lock_guard lock(begun_->mutex);
    std::shared_ptr<std::atomic<bool>>& slot = begun_->by_asker[asker_];
    if (slot != nullptr) {
        *slot = true;
    }
    slot = stopping_;
}

PreviewTurns::Turn::~Turn() {
    const std::lock_guard lock(begun_->mutex);
    const auto own = begun_->by_asker.find(asker_);
    if (own != begun_->by_asker.end() && own->second == stopping_) {
        begun_->by_asker.erase(own);
    }
}

}  // namespace winback::api
