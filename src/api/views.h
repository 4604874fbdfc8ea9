// Saved views of the list of customers: an address with a name. A setting of the data folder.
#pragma once

#include <string>
#include <string_view>

#include "api/customer_filter.h"
#include "api/desk.h"
#include "base/result.h"
#include "host/keys.h"

namespace winback::api {

constexpr std::size_t views_max = 500;  // Of everybody together.
constexpr std::size_t views_of_one_max = 50;
constexpr std::size_t view_name_bytes_max = 80;

// [{id, name, query, address, shared, mine, by, created}]: one's own and the shared ones, by name.
Result<ValueList> list_views(Desk& desk, const host::Key& who);
// A view of the same name by the same person is replaced. Returns the id. Fails with
// InvalidArgument, and with PermissionDenied when it is shared by who lacks the scope write.
Result<std::string> save_view(Desk& desk,
                              const host::Key& who,
                              std::string_view name,
                              const CustomerFilter& filter,
                              bool shared);
// One's own; with the scope admin also shared ones. Fails with NotFound.
Status delete_view(Desk& desk, const host::Key& who, std::string_view id);

}  // namespace winback::api
