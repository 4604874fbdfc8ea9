// What may be an id of something in a playbook: a segment, a journey, a template, a topic.
#pragma once

#include <string_view>

namespace winback::playbook {

// Lower-case letters, digits, '_' and '-', at most id_bytes_max (playbook.h).
bool is_valid_id(std::string_view id);

}  // namespace winback::playbook
