#include "api/template_previews.h"

#include "api/access.h"

namespace winback::api {
namespace {

constexpr int room_threads = 3;  // One more than one person takes.

}  // namespace

TemplatePreviews::TemplatePreviews(Desk& desk)
    : room_(std::make_shared<Desk>(
          desk.host(),
          DeskOptions{.threads = desk.options().threads == 0 ? 0 : room_threads,
                      .waiting_max = previews_waiting_max,
                      .overview_age_max = desk.options().overview_age_max})) {}

TemplatePreviews::Turn::Turn(TemplatePreviews& previews, const host::Key& who)
    : previews_(previews),
      who_(person_of(who).empty() ? "key " + who.id : "user " + person_of(who)) {
    const std::lock_guard lock(previews_.mutex_);
    int& own = previews_.under_way_[who_];
    mine_ = own < previews_of_one_max;
    own += mine_ ? 1 : 0;
}

TemplatePreviews::Turn::~Turn() {
    if (!mine_) {
        return;
    }
    const std::lock_guard lock(previews_.mutex_);
    const auto own = previews_.under_way_.find(who_);
    if (--own->second == 0) {
        previews_.under_way_.erase(own);
    }
}

}  // namespace winback::api
