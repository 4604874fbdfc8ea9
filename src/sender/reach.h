// Which addresses a request may be sent to that somebody typed into a form: not those of our own
// network, whatever a name resolves to.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

struct sockaddr;

namespace winback::sender {

enum class Reach : std::uint8_t {
    Public,    // Addresses of the internet alone, over https.
    Loopback,  // This machine too, where plain http is allowed.
    Private,   // Private networks too; plain http still on this machine alone.
};

// Pre: `address` is a sockaddr_in or sockaddr_in6. False for other families.
bool may_reach(const sockaddr& address, bool secure, Reach reach);

constexpr std::size_t web_address_bytes_max = 2048;

// Whether the text is an address to which something may be posted, as far as it can be seen
// without resolving its name. Fails with InvalidArgument and says what to change.
Status check_web_address(std::string_view url, Reach reach);

}  // namespace winback::sender
