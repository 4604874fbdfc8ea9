// Ids for what somebody names and the server keeps: segments, lists.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace winback::api {

// A valid id (playbook/id.h) that is not taken, made of the name's letters and digits in whatever
// script: "Summer fair" is summer_fair, "VIP müşteri" vip_musteri, "مشتریان" mshtryan; `otherwise`,
// an id itself, when the name has none. Of one that is taken the next: summer_fair_2, _3, ...
// Pre: among all ids, one is not taken.
std::string new_id(std::string_view name,
                   std::string_view otherwise,
                   const std::function<bool(std::string_view)>& is_taken);

}  // namespace winback::api
