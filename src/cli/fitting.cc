#include "cli/fitting.h"

#include <algorithm>

#include "base/civil.h"
#include "ingest/orders.h"

namespace winback::cli {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

}  // namespace

std::string day_name(std::int32_t day) {
    return format_iso8601({day * ms_per_day}).substr(0, 10);
}

Result<host::OrderList> orders_of_file(const std::string& path) {
    WINBACK_TRY(const ingest::Orders read, ingest::read_orders(path));
    if (read.mistake_count > 0) {
        return Error{ErrorCode::InvalidArgument,
                     path + ":" + std::to_string(read.mistakes.front().line) + ": " +
                         read.mistakes.front().message + " (" + std::to_string(read.mistake_count) +
                         " such lines; mend them first)"};
    }
    host::OrderList list;
    for (const ingest::Order& order : read.orders) {
        const auto day = static_cast<std::int32_t>(order.time.ms / ms_per_day -
                                                   (order.time.ms % ms_per_day < 0 ? 1 : 0));
        list.orders.push_back(
            {.customer = order.customer, .day = day, .amount = to_double(order.amount)});
        list.last_day = std::max(list.last_day, day);
    }
    return list;
}

}  // namespace winback::cli
