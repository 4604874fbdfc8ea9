#include "experiment/assignment.h"

#include <string>

#include "base/hash.h"

namespace winback::experiment {

double bucket(std::string_view experiment, std::string_view salt, std::string_view customer_id) {
    std::string text;
    text.reserve(experiment.size() + salt.size() + customer_id.size() + 2);
    text += experiment;
    text += '\0';
    text += salt;
    text += '\0';
    text += customer_id;
    // The top 53 bits, so that the quotient is exact and below 1.
    return static_cast<double>(hash64(text) >> 11U) * 0x1p-53;
}

bool is_held_out(std::string_view journey,
                 std::string_view salt,
                 std::string_view customer_id,
                 double share) {
    return bucket(journey, salt, customer_id) < share;
}

}  // namespace winback::experiment
