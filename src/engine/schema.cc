#include "engine/schema.h"

#include "customer/channel.h"
#include "customer/limits.h"
#include "customer/traits.h"
#include "engine/scores.h"

namespace winback::engine {

expr::Schema base_schema() {
    expr::Schema schema;
    schema.scores.assign(score_names.begin(), score_names.end());
    schema.channels.assign(customer::channel_names.begin(), customer::channel_names.end());
    for (const customer::DerivedTrait& trait : customer::derived_traits()) {
        schema.traits.push_back({std::string(trait.name), trait.type});
    }
    schema.other_traits = true;
    schema.events_kept = customer::events_per_name_max;
    return schema;
}

}  // namespace winback::engine
