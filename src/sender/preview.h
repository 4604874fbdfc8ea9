// The channel that delivers nothing: each message gets the outcome Previewed.
#pragma once

#include <memory>

#include "sender/sender.h"

namespace winback::sender {

// A message that could not be composed for sending is Refused here too, so that a preview shows
// what would happen.
std::unique_ptr<Sender> make_preview_sender(std::size_t queue_max = 1'000);

}  // namespace winback::sender
