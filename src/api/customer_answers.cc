#include "api/customer_answers.h"

#include "api/customers.h"
#include "api/past.h"
#include "api/playbook.h"
#include "api/routes.h"

namespace winback::api {

http::Response customers_answer(Desk& desk,
                                const CustomerFilter& filter,
                                const std::string& items) {
    Result<CustomerList> list = list_customers(desk, filter);
    if (!list) {
        return http::error(list.error());
    }
    if (has_errors(list->diagnostics)) {
        return invalid_condition(list->diagnostics, filter.where);
    }
    if (items != "customers") {
        list->tree.set(items, *list->tree.find("customers"));
        list->tree.erase("customers");
    }
    return list->reading ? not_ready(std::move(list->tree)) : json_answer(std::move(list->tree));
}

http::Response invalid_condition(const Diagnostics& diagnostics, std::string_view condition) {
    std::string shown;
    for (const Diagnostic& diagnostic : diagnostics) {
        shown += render(diagnostic, condition);
    }
    ValueMap tree;
    tree.set("code", "invalid_condition");
    tree.set("message", diagnostics.front().message);
    tree.set("diagnostics", diagnostics_value(diagnostics));
    tree.set("rendered", shown);
    return http::json(400, to_json(tree));
}

}  // namespace winback::api
