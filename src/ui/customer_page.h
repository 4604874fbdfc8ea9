// The page of one customer and the forms on it. Private to this folder.
#pragma once

#include <string>

#include "ui/routes.h"

namespace winback::ui {

// Why a form was not taken: the text customer.problem_<key>, and what was typed.
struct Wrong {
    std::string key;
    std::string typed;
};
http::Response show_customer(api::Desk& desk,
                             const Pages& pages,
                             const http::Request& request,
                             const Wrong& wrong);

void add_customer_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages);

}  // namespace winback::ui
