#include "ingest/orders.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/strings.h"
#include "base/zone.h"
#include "ingest/amount.h"
#include "ingest/csv.h"
#include "ingest/source.h"

namespace winback::ingest {
namespace {

constexpr std::array<std::string_view, 3> column_names{"customer_id", "date", "amount"};

class OrdersReader {
public:
    Status read_header(const CsvRecord& record) {
        fields_ = record.size();
        for (std::size_t c = 0; c < column_names.size(); ++c) {
            places_.at(c) = fields_;
            for (std::size_t i = 0; i < fields_; ++i) {
                if (equals_ignoring_case(trim(record[i]), column_names.at(c))) {
                    places_.at(c) = i;
                }
            }
            if (places_.at(c) == fields_) {
                return Error{ErrorCode::InvalidArgument,
                             "line 1: there is no column '" + std::string(column_names.at(c)) +
                                 "'; the columns are customer_id,date,amount"};
            }
        }
        return Ok{};
    }

    void take(const CsvRecord& record) {
        if (record.fault != CsvFault::None) {
            mistake(record.line, std::string(csv_fault_message(record.fault)));
            return;
        }
        if (record.size() != fields_) {
            mistake(record.line, "the row has " + std::to_string(record.size()) +
                                     " fields, the header " + std::to_string(fields_));
            return;
        }
        const std::string customer(trim(record[places_[0]]));
        const std::string_view date = trim(record[places_[1]]);
        const std::string_view amount = trim(record[places_[2]]);
        const auto time = parse_date(date, "iso8601", utc_zone());
        const auto micros = parse_amount(amount, false);
        if (customer.empty()) {
            mistake(record.line, "customer_id is empty");
        } else if (!time) {
            mistake(record.line, "'" + std::string(date.substr(0, 40)) + "' is not an ISO date");
        } else if (!micros) {
            mistake(record.line, "'" + std::string(amount.substr(0, 40)) + "' is not an amount");
        } else {
            const auto next = static_cast<std::uint32_t>(out.customers.size());
            const auto [known, first] = ids_.try_emplace(customer, next);
            if (first) {
                out.customers.push_back(customer);
            }
            out.orders.push_back({.customer = known->second, .time = *time, .amount = *micros});
        }
    }

    Orders out;

private:
    void mistake(std::uint64_t line, std::string message) {
        ++out.mistake_count;
        if (out.mistakes.size() < order_mistakes_max) {
            out.mistakes.push_back({.line = line, .message = std::move(message)});
        }
    }

    std::array<std::size_t, 3> places_{};
    std::size_t fields_ = 0;
    std::unordered_map<std::string, std::uint32_t> ids_;
};

}  // namespace

Result<Orders> read_orders(const std::string& path) {
    WINBACK_TRY(Source source, Source::open(path));
    CsvReader reader(
        [&source](char* buffer, std::size_t size) { return source.read(buffer, size); }, {});
    CsvRecord record;
    WINBACK_TRY(const bool any, reader.next(record));
    OrdersReader orders;
    if (!any || record.fault != CsvFault::None) {
        return Error{ErrorCode::InvalidArgument, path + " has no header line"};
    }
    WINBACK_TRY([[maybe_unused]] const Ok header, orders.read_header(record));
    for (;;) {
        WINBACK_TRY(const bool more, reader.next(record));
        if (!more) {
            return std::move(orders.out);
        }
        if (orders.out.orders.size() == orders_max) {
            return Error{ErrorCode::LimitExceeded, "more than 100000000 orders"};
        }
        orders.take(record);
    }
}

}  // namespace winback::ingest
