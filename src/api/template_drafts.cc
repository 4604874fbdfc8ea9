#include "api/template_drafts.h"

namespace winback::api {

std::string TemplateDrafts::keep(std::string_view owner, std::string html) {
    const std::lock_guard lock(mutex_);
    std::string name = std::to_string(++made_);
    bytes_ += html.size();
    drafts_.push_back(
        {name, std::string(owner), std::make_shared<const std::string>(std::move(html))});
    while (drafts_.size() > 1 && (drafts_.size() > drafts_max || bytes_ > draft_bytes_in_all_max)) {
        bytes_ -= drafts_.front().html->size();
        drafts_.pop_front();
    }
    return name;
}

std::shared_ptr<const std::string> TemplateDrafts::find(std::string_view owner,
                                                        std::string_view name) const {
    const std::lock_guard lock(mutex_);
    for (const Draft& draft : drafts_) {
        if (draft.name == name && draft.owner == owner) {
            return draft.html;
        }
    }
    return nullptr;
}

}  // namespace winback::api
