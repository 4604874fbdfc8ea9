// Lists of customers as answers: whoever asks for them by their segment or by anything else.
#pragma once

#include <string>
#include <string_view>

#include "api/customer_filter.h"
#include "api/desk.h"
#include "base/diagnostic.h"
#include "http/response.h"

namespace winback::api {

// The page of the list, whose rows are called `items`; 400 with all mistakes of its condition.
http::Response customers_answer(Desk& desk,
                                const CustomerFilter& filter,
                                const std::string& items = "customers");

// 400 with each mistake at its place. Pre: there is one.
http::Response invalid_condition(const Diagnostics& diagnostics, std::string_view condition);

}  // namespace winback::api
