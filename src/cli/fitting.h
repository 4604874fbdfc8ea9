// Orders of a file, for fits without a data folder.
#pragma once

#include <string>

#include "host/fitting.h"

namespace winback::cli {

Result<host::OrderList> orders_of_file(const std::string& path);

std::string day_name(std::int32_t day);  // "2011-09-10"

}  // namespace winback::cli
