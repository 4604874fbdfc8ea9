// Who is left alone, decided by a hash: the same customer always gets the same answer, on every
// machine, without anything being stored or drawn.
#pragma once

#include <string_view>

namespace winback::experiment {

// A number in [0, 1), uniform over customers and independent between (experiment, salt) pairs:
// XXH3-64 of "experiment \0 salt \0 customer" / 2^64.
double bucket(std::string_view experiment, std::string_view salt, std::string_view customer_id);

// True for the share of customers that must not be contacted by the journey.
bool is_held_out(std::string_view journey,
                 std::string_view salt,
                 std::string_view customer_id,
                 double share);

}  // namespace winback::experiment
