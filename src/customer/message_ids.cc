#include "customer/message_ids.h"

#include <utility>

namespace winback::customer {

bool MessageIds::add(std::uint64_t id_hash, std::int64_t day) {
    if (!started_ || day > day_ + 1) {
        newer_ = {};
        older_ = {};
        day_ = day;
        started_ = true;
    } else if (day == day_ + 1) {
        older_ = std::exchange(newer_, {});
        day_ = day;
    }
    if (newer_.contains(id_hash) || older_.contains(id_hash)) {
        return false;
    }
    (day == day_ ? newer_ : older_).insert(id_hash);
    return true;
}

}  // namespace winback::customer
