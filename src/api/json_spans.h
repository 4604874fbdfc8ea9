// Where the events of a body stand in it, so that they can be shown as they were sent.
#pragma once

#include <string_view>
#include <vector>

namespace winback::api {

// The items of the list under the member `name` of the object that `body` is, as they stand there.
// Empty when there is none. Pre: `body` is well-formed JSON; of anything else some spans of it come
// out. Takes no stack, however deep the body.
std::vector<std::string_view> list_items(std::string_view body, std::string_view name);

// The value of the member `name` of an object, as it stands there; empty when there is none. The
// same holds.
std::string_view member_of(std::string_view object, std::string_view name);

}  // namespace winback::api
