#include "customer/consent_log.h"

#include <algorithm>

#include "base/check.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

constexpr std::size_t source_bytes_max = 128;
constexpr std::uint32_t rows_max = (1U << 28U) - 1;

}  // namespace

std::uint32_t ConsentLog::head(std::uint32_t customer) const {
    return customer < heads_.size() ? heads_[customer] : 0;
}

expr::ConsentState ConsentLog::newest_state(std::uint32_t customer, Channel channel) const {
    for (std::uint32_t at = head(customer); at != 0; at = rows_[at - 1].older) {
        if (rows_[at - 1].channel == static_cast<std::uint32_t>(channel)) {
            return static_cast<expr::ConsentState>(rows_[at - 1].state);
        }
    }
    return expr::ConsentState::Unset;
}

bool ConsentLog::add(std::uint32_t customer, Channel channel, const Consent& statement) {
    WINBACK_CHECK(statement.state != expr::ConsentState::Unset);
    Row row{.time = statement.time, .older = 0, .channel = 0, .state = 0};
    row.channel = static_cast<std::uint32_t>(channel) & 3U;
    row.state = static_cast<std::uint32_t>(statement.state) & 3U;
    std::size_t count = 0;
    // The list of changes stays as it is only when the statement repeats the one before it.
    std::optional<std::uint32_t> before;
    for (std::uint32_t at = head(customer); at != 0; at = rows_[at - 1].older) {
        const Row& known = rows_[at - 1];
        if (known.channel == row.channel) {
            ++count;
            if (known.time == row.time && known.state == row.state) {
                return false;
            }
            if (!before.has_value() && !is_newer(known, row)) {
                before = known.state;
            }
        }
    }
    const bool moves_changes = before != row.state;
    row.source = sources_.add(std::string_view(statement.source).substr(0, source_bytes_max));
    insert(customer, row);
    if (count >= consent_statements_max) {
        thin(customer, channel);
    }
    return moves_changes;
}

// Newest first; at the same time a denial is the newer.
bool ConsentLog::is_newer(const Row& a, const Row& b) {
    return a.time != b.time ? a.time > b.time : a.state > b.state;
}

void ConsentLog::insert(std::uint32_t customer, const Row& row) {
    if (customer >= heads_.size()) {
        heads_.resize(customer + std::size_t{1}, 0);
    }
    std::uint32_t number = 0;
    if (free_.empty()) {
        WINBACK_CHECK(rows_.size() < rows_max);
        rows_.push_back(row);
        number = static_cast<std::uint32_t>(rows_.size());
    } else {
        number = free_.back();
        free_.pop_back();
        rows_[number - 1] = row;
    }
    std::uint32_t newer = 0;
    std::uint32_t older = heads_[customer];
    while (older != 0 && is_newer(rows_[older - 1], row)) {
        newer = older;
        older = rows_[older - 1].older;
    }
    rows_[number - 1].older = older & rows_max;
    if (newer == 0) {
        heads_[customer] = number;
    } else {
        rows_[newer - 1].older = number & rows_max;
    }
}

void ConsentLog::unlink(std::uint32_t customer, std::uint32_t number) {
    const std::uint32_t older = rows_[number - 1].older;
    if (heads_[customer] == number) {
        heads_[customer] = older;
    } else {
        std::uint32_t at = heads_[customer];
        while (rows_[at - 1].older != number) {
            at = rows_[at - 1].older;
        }
        rows_[at - 1].older = older & rows_max;
    }
    free_.push_back(number);
}

// Drops one statement: the oldest that stands between two of the same state, else the oldest.
void ConsentLog::thin(std::uint32_t customer, Channel channel) {
    std::vector<std::uint32_t> numbers;  // Newest first.
    for (std::uint32_t at = head(customer); at != 0; at = rows_[at - 1].older) {
        if (rows_[at - 1].channel == static_cast<std::uint32_t>(channel)) {
            numbers.push_back(at);
        }
    }
    std::uint32_t victim = numbers.back();
    for (std::size_t i = numbers.size() - 2; i > 0; --i) {
        const std::uint32_t state = rows_[numbers[i] - 1].state;
        if (rows_[numbers[i - 1] - 1].state == state && rows_[numbers[i + 1] - 1].state == state) {
            victim = numbers[i];
            break;
        }
    }
    unlink(customer, victim);
}

std::vector<Consent> ConsentLog::statements(std::uint32_t customer, Channel channel) const {
    std::vector<Consent> list;
    for (std::uint32_t at = head(customer); at != 0; at = rows_[at - 1].older) {
        const Row& row = rows_[at - 1];
        if (row.channel == static_cast<std::uint32_t>(channel)) {
            list.push_back({.state = static_cast<expr::ConsentState>(row.state),
                            .time = row.time,
                            .source = std::string(sources_.at(row.source))});
        }
    }
    std::reverse(list.begin(), list.end());
    return list;
}

std::vector<expr::ConsentChange> ConsentLog::changes(std::uint32_t customer,
                                                     Channel channel) const {
    std::vector<expr::ConsentChange> list;
    for (Consent& statement : statements(customer, channel)) {
        if (list.empty() || list.back().state != statement.state) {
            list.push_back({statement.state, statement.time, std::move(statement.source)});
        }
    }
    return list;
}

Consent ConsentLog::state(std::uint32_t customer, Channel channel) const {
    if (newest_state(customer, channel) == expr::ConsentState::Unset) {
        return {};
    }
    expr::ConsentChange last = changes(customer, channel).back();
    return {.state = last.state, .time = last.time, .source = std::move(last.source)};
}

void ConsentLog::forget(std::uint32_t customer) {
    for (std::uint32_t at = head(customer); at != 0; at = rows_[at - 1].older) {
        free_.push_back(at);
    }
    if (customer < heads_.size()) {
        heads_[customer] = 0;
    }
}

std::size_t ConsentLog::memory_bytes() const {
    return heads_.capacity() * sizeof(std::uint32_t) + rows_.capacity() * sizeof(Row) +
           free_.capacity() * sizeof(std::uint32_t) + sources_.memory_bytes();
}

}  // namespace winback::customer
