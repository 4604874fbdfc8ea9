// What somebody says of a file in a form, and the mapping that follows from it.
//
// A plan is smaller than a mapping: it names what each column is, and the few things that columns
// cannot say. Whoever needs more edits the text of the mapping (docs/design/import.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/column_names.h"
#include "ingest/mapping.h"

namespace winback::ingest {

enum class Shape : std::uint8_t {
    Lines,      // A row is a line of an order; lines of an order have the same number.
    Orders,     // A row is an order.
    Customers,  // A row is a customer.
};
std::string_view shape_name(Shape shape);  // "lines", "orders", "customers"

struct ImportPlan {
    FileFormat format = FileFormat::Csv;
    char delimiter = ',';
    Encoding encoding = Encoding::Utf8;
    bool has_header = true;
    std::vector<std::string> columns;  // Their names, made up when there is no header.
    std::vector<Role> roles;           // Of the columns, in their order.
    Shape shape = Shape::Orders;
    std::vector<std::string> date_formats;
    bool decimal_comma = false;
    std::string currency;
    std::string zone = "UTC";
    bool scattered = false;         // Lines of an order do not stand together.
    bool skips_nameless = false;    // Rows without a customer are of no interest.
    std::vector<std::string> dead;  // States of orders that do not count: cancelled and the like.
    bool first_decides = false;     // The state of an order stands in its first row alone.
    std::string only_currency;      // Rows in other currencies do not count; empty: all do.
    std::vector<std::string> consent_yes;  // Texts of the column Consent that mean yes.
    bool consent_for_all = false;          // Everybody in the file agreed.
    std::string consent_source;
    std::string as_of;  // Customers: the moment of what the file says, ISO 8601.

    // The column of a role; null when no column has it.
    const std::string* column(Role role) const;
};

// Codes of what a plan lacks to make events: "no_customer", "no_time", "no_order", "no_amount",
// "twice:email" (a role that two columns have), "no_consent_source". Empty: it can be used.
std::vector<std::string> plan_problems(const ImportPlan& plan);

// Pre: plan_problems(plan) is empty, or what is missing will be reported by read_mapping.
std::string mapping_text(const ImportPlan& plan);

}  // namespace winback::ingest
