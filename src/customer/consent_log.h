// What customers said of being contacted: every statement with its time and source.
//
// The state of a channel is what the newest statement says; at the same time a denial wins. So
// the state does not depend on the order in which statements arrive. Per customer and channel at
// most consent_statements_max are kept: repetitions go first, then the oldest.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "customer/channel.h"
#include "customer/customers.h"
#include "customer/text_pool.h"

namespace winback::customer {

class ConsentLog {
public:
    // True when `changes` of the channel did.
    bool add(std::uint32_t customer, Channel channel, const Consent& statement);
    expr::ConsentState newest_state(std::uint32_t customer, Channel channel) const;
    // Since when the state holds and by which statement.
    Consent state(std::uint32_t customer, Channel channel) const;
    // Changes only, oldest first.
    std::vector<expr::ConsentChange> changes(std::uint32_t customer, Channel channel) const;
    // Repetitions too, oldest first.
    std::vector<Consent> statements(std::uint32_t customer, Channel channel) const;
    void forget(std::uint32_t customer);
    std::size_t memory_bytes() const;

private:
    struct Row {
        Timestamp time;
        TextRef source = no_text;
        std::uint32_t older : 28;  // Row + 1 of the same customer; 0 ends the chain.
        std::uint32_t channel : 2;
        std::uint32_t state : 2;
    };
    static_assert(sizeof(Row) == 16 && channel_count <= 4);

    std::uint32_t head(std::uint32_t customer) const;
    static bool is_newer(const Row& a, const Row& b);
    void insert(std::uint32_t customer, const Row& row);
    void unlink(std::uint32_t customer, std::uint32_t number);
    void thin(std::uint32_t customer, Channel channel);

    std::vector<std::uint32_t> heads_;  // Row + 1 of the newest statement.
    std::vector<Row> rows_;
    std::vector<std::uint32_t> free_;
    TextPool sources_;
};

}  // namespace winback::customer
